module nim-stacks.invalid/tools/pause

go 1.26.0
