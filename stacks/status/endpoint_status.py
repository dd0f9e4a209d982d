"""Whether the four sources agree on one endpoint, and if not, who says what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nim_profiles.diagnosis import Diagnosis, diagnose
from nim_profiles.nim_env import image_family
from nim_profiles.served_profile import BadAnswer, mismatch, read_metadata
from pulumi_nim.images import Image
from stacks.drift import differences
from stacks.plan import EndpointPlan
from stacks.status.applied import Applied
from stacks.status.seen import Pod, Seen


@dataclass(frozen=True, slots=True)
class EndpointStatus:
    name: str
    profile_name: str
    profile_id: str
    replicas: int
    """Declared."""
    gpu_count: int
    """Of one replica."""
    url: str | None
    """None where it was never deployed."""
    ready: int
    """Replicas, as far as the declared ones are there."""
    pending: tuple[str, ...]
    """What the file says and the state does not: steps of the next up."""
    drift: tuple[str, ...]
    """What the state says and the cluster does not."""
    troubles: tuple[str, ...]
    """Why pods are not ready, and why Jobs are not done, in the cluster's own words."""
    diagnoses: tuple[Diagnosis, ...]
    says: tuple[str, ...]
    """What the endpoint says of itself where it is not what was declared; `simulated` where nothing can answer."""
    proven: int
    """Replicas that say that they serve the declared profile."""

    @property
    def agrees(self) -> bool:
        """On paper, in the state, in the cluster and by its own word: the same, and ready."""
        wrong = (*self.pending, *self.drift, *(one for one in self.says if one != SIMULATED))
        return self.url is not None and not wrong and self.ready >= self.replicas

    def json(self) -> dict[str, Any]:
        return {
            "endpoint": self.name,
            "agrees": self.agrees,
            "declared": {
                "profile_id": self.profile_id,
                "profile_name": self.profile_name,
                "replicas": self.replicas,
                "gpu_count": self.gpu_count,
            },
            "state": {"deployed": self.url is not None, "url": self.url, "pending": list(self.pending)},
            "cluster": {"ready": self.ready, "drift": list(self.drift), "troubles": list(self.troubles)},
            "endpoint_says": {"proven": self.proven, "otherwise": list(self.says)},
            "diagnoses": [{"issue": str(one.issue), "seen": one.seen, "advice": one.advice} for one in self.diagnoses],
        }


SIMULATED = "simulated"


def status_of(one: EndpointPlan, url: str | None, pending: Sequence[str], seen: Seen) -> EndpointStatus:
    pods, jobs = seen.pods.get(one.name, ()), seen.jobs.get(one.name, ())
    unready = [*(pod for pod in pods if not pod.ready), *(pod for _, pod in jobs if pod.trouble)]
    troubles = [*(_trouble(pod) for pod in pods if pod.trouble)]
    troubles += [f"Job {job}: {_trouble(pod)}" for job, pod in jobs if pod.trouble]
    answers = [_says(pod, one) for pod in pods if pod.serves and (pod.ready or pod.simulated)]
    return EndpointStatus(
        name=one.name,
        profile_name=one.profile.name,
        profile_id=one.profile.id,
        replicas=one.replicas,
        gpu_count=one.profile.gpu_count,
        url=url,
        ready=sum(pod.ready for pod in pods) // one.nodes_per_replica,
        pending=tuple(pending),
        drift=tuple(
            found for applied, live in seen.objects if applied.endpoint == one.name for found in _drift(applied, live)
        ),
        troubles=tuple(dict.fromkeys(troubles)),
        diagnoses=tuple(dict.fromkeys(found for pod in unready for found in _diagnoses(pod, one))),
        says=tuple(dict.fromkeys(answer for answer in answers if answer is not None)),
        proven=sum(answer is None for answer in answers),
    )


def _drift(one: Applied, live: Mapping[str, Any] | None) -> Iterator[str]:
    if live is None:
        yield f"{one}: is gone"
    else:
        yield from (f"{one}: {found}" for found in differences(one.inputs, live))


def _trouble(pod: Pod) -> str:
    return f"{pod.trouble}, {pod.restarts} restarts" if pod.restarts else str(pod.trouble)


def _says(pod: Pod, one: EndpointPlan) -> str | None:
    """None where it is what was declared."""
    if pod.simulated:
        return SIMULATED
    if pod.answer is None:
        return f"{pod.name} does not answer: {pod.silence}"
    try:
        served = read_metadata(pod.answer)
    except BadAnswer as error:
        return f"{pod.name}: {error}"
    why = mismatch(served, one.profile.id)
    return why and f"{pod.name} {why}"


def _diagnoses(pod: Pod, one: EndpointPlan) -> tuple[Diagnosis, ...]:
    image = Image.parse(one.image)
    family = None if one.launcher else image_family(image.repository, image.tag)
    wanted = {row.setting.name: row.value for row in one.container.settings if row.origin != "profile"}
    return diagnose(pod.words, exit_code=pod.exit_code, family=family, profile=one.profile, settings=wanted)
