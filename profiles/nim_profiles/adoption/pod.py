"""What a pod template says, and what of it has no place in a stack file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nim_profiles.adoption.found import Left
from nim_profiles.adoption.objects import Json, list_at, mapping_at, texts, words
from nim_profiles.nim_env.secrecy import secret_problem

GPU = "nvidia.com/gpu"
CACHE_PATHS = ("/opt/nim/.cache", "/model-store")
"""NIM's own default, and that of NVIDIA's chart and operator."""
PORT = 8000
"""Default of NIM_SERVER_PORT."""
KEY = "NGC_API_KEY"
OWN = {"NIM_MODEL_PROFILE", "NIM_CACHE_PATH", "NIM_SERVER_PORT", KEY, "NGC_CLI_API_KEY"}
"""Variables for which a stack file has other words."""

_PLAIN = frozenset(
    [
        "automountServiceAccountToken",
        "containers",
        "dnsPolicy",
        "enableServiceLinks",
        "nodeSelector",
        "restartPolicy",
        "schedulerName",
        "serviceAccount",
        "terminationGracePeriodSeconds",
        "volumes",
    ]
)
_PLAIN_IN_CONTAINER = frozenset(
    [
        "args",
        "env",
        "image",
        "imagePullPolicy",
        "livenessProbe",
        "name",
        "ports",
        "readinessProbe",
        "resources",
        "startupProbe",
        "terminationMessagePath",
        "terminationMessagePolicy",
        "volumeMounts",
    ]
)
"""Carried, or of no consequence: probes are computed, and the rest are defaults that the API server writes."""
_REASONS = {
    "securityContext": "the program writes its own, which Pod Security `restricted` admits (uid 1000)",
    "serviceAccountName": "the endpoint gets an account of its own, without a token",
    "imagePullSecrets": "the stack makes its own from the secret nim:ngcApiKey",
    "initContainers": "no setting for it; adapters are fetched by lora.source.fetch",
    "command": "the image's own entry point starts the profile",
    "hostNetwork": "Pod Security `restricted` refuses it",
    "envFrom": "write each variable under env; secrets have no setting",
}
NO_SETTING = "no setting for it"
NO_CLAIM = "the cache is no claim: a new one is made, and filled by a download"


@dataclass(frozen=True, slots=True)
class Pod:
    """The template of an object."""

    owner: str
    """`Deployment llm`."""
    spec: Mapping[str, Json]

    @property
    def container(self) -> dict[str, Json]:
        """The one that has GPUs, else the first; empty where there is none."""
        containers = list_at(self.spec, "containers")
        with_gpus = [one for one in containers if GPU in mapping_at(one, "resources", "limits")]
        return (with_gpus or containers or [{}])[0]

    @property
    def variables(self) -> dict[str, Json]:
        """Every variable by its name; None where its value comes from elsewhere."""
        return {str(one.get("name")): one.get("value") for one in list_at(self.container, "env")}

    @property
    def profile(self) -> str | None:
        said = self.variables.get("NIM_MODEL_PROFILE")
        return None if said in (None, "") else str(said)

    @property
    def env(self) -> dict[str, str]:
        return {
            name: str(value)
            for name, value in self.variables.items()
            if name not in OWN and value is not None and not secret_problem(name, str(value))
        }

    @property
    def gpu_count(self) -> int | None:
        resources = mapping_at(self.container, "resources")
        asked = {**mapping_at(resources, "requests"), **mapping_at(resources, "limits")}.get(GPU)
        return int(str(asked)) if str(asked).isdecimal() else None

    @property
    def port(self) -> int:
        named = self.variables.get("NIM_SERVER_PORT")
        if str(named).isdecimal():
            return int(str(named))
        ports = [one.get("containerPort") for one in list_at(self.container, "ports")]
        return next((one for one in ports if isinstance(one, int)), PORT)

    @property
    def args(self) -> tuple[str, ...]:
        said = words(self.container.get("args"))
        return tuple(said[1:] if said[:1] == ["nim-serve"] else said)

    @property
    def cache_mount(self) -> dict[str, Json]:
        """Where the weights lie; empty where they lie in the container itself."""
        said = self.variables.get("NIM_CACHE_PATH")
        paths = (str(said),) if said else CACHE_PATHS
        mounts = list_at(self.container, "volumeMounts")
        return next((one for one in mounts if str(one.get("mountPath")).rstrip("/") in paths), {})

    @property
    def cache_volume(self) -> dict[str, Json]:
        name = self.cache_mount.get("name")
        return next((one for one in list_at(self.spec, "volumes") if name and one.get("name") == name), {})

    @property
    def claim(self) -> str | None:
        """None where the cache is something else, or a folder of a claim that holds more."""
        if self.cache_mount.get("subPath"):
            return None
        name = mapping_at(self.cache_volume, "persistentVolumeClaim").get("claimName")
        return str(name) if name else None

    def left(self) -> Iterator[Left]:
        """Every field that says something and finds no place."""
        yield from self._fields(self.spec, _PLAIN | {"tolerations"}, "spec")
        yield from self._fields(self.container, _PLAIN_IN_CONTAINER, "container")
        for one in list_at(self.spec, "containers"):
            if one != self.container:
                yield self._left(f"container {one.get('name')}", "a pod of an endpoint has one container")
        for one in list_at(self.spec, "tolerations"):
            if one.get("key") != GPU:
                yield self._left(f"toleration of {one.get('key')}", "pods tolerate nvidia.com/gpu only")
        yield from self._variables()
        yield from self._resources()
        yield from self._volumes()

    def _left(self, field: str, reason: str) -> Left:
        return Left(f"{self.owner}: {field}", reason)

    def _fields(self, part: Mapping[str, Json], carried: frozenset[str], where: str) -> Iterator[Left]:
        for name, value in sorted(part.items()):
            if name not in carried and value not in (None, {}, [], "", False):
                yield self._left(f"{where}.{name}", _REASONS.get(name, NO_SETTING))

    def _variables(self) -> Iterator[Left]:
        for one in list_at(self.container, "env"):
            name, value = str(one.get("name")), one.get("value")
            if name in OWN:
                if name == "NIM_CACHE_PATH" and value not in (None, CACHE_PATHS[0]):
                    yield self._left(
                        f"env.{name}", f"the claim is mounted at {CACHE_PATHS[0]} instead; what lies in it is found"
                    )
                elif secret_problem(name, str(value or "")):
                    yield self._left(f"env.{name}", f"{secret_problem(name, str(value))}: `pulumi config set --secret`")
            elif value is None:
                yield self._left(f"env.{name}", "takes its value from elsewhere; variables of a stack file are plain")
            elif problem := secret_problem(name, str(value)):
                yield self._left(f"env.{name}", problem)

    def _resources(self) -> Iterator[Left]:
        resources = mapping_at(self.container, "resources")
        for part in ("requests", "limits"):
            names = sorted(name for name in texts(resources.get(part)) if name != GPU)
            if names:
                yield self._left(
                    f"resources.{part} of {', '.join(names)}", "the program asks for 2 CPUs a GPU and 8 GiB"
                )

    def _volumes(self) -> Iterator[Left]:
        for one in list_at(self.spec, "volumes"):
            name = one.get("name")
            if one == self.cache_volume:
                if folder := self.cache_mount.get("subPath"):
                    yield self._left(f"volume {name}", f"only its folder {folder} is the cache: a new claim is made")
                elif self.claim is None:
                    yield self._left(f"volume {name}", NO_CLAIM)
            elif mapping_at(one, "emptyDir").get("medium") != "Memory":
                yield self._left(f"volume {name}", NO_SETTING)
