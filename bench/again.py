"""again.py -- is a score luck?  The trainings of a run's champion, each done
again from other seeds, by the very jobs that the run sent.
"""
import json
import urllib.parse
import urllib.request
import uuid as uuids
from concurrent.futures import ThreadPoolExecutor

WAIT_S = 20
FINALIST = 6  # the lowest rung of what is trained after the search


def call(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def train(evolutioner, job):
    """The result of a job, by an evolutioner with a free slot."""
    url = f"{evolutioner}/v1/jobs"
    call(url, job)
    path = urllib.parse.quote(job["id"], safe="")
    while True:
        answer = call(f"{url}/{path}?wait_s={WAIT_S}")
        if answer["state"] not in ("queued", "running"):
            return answer["result"]


def rung_of(result):
    """A job's id is RUN/GENERATION/GENOME/RUNG/FOLD."""
    return int(result["id"].split("/")[3])


def trainings(services, uuid, champion, n):
    """A line for each training in the search and the one that made it the
    champion: its score, and those that it has with the seeds 1 to n in the
    place of its own."""
    genome = f"/{uuid}/genomes/{champion['id']}"

    def again(job, seed):
        own = {**job, "id": f"{uuids.uuid4()}/0/0/0/0", "seed": seed}
        return train(services.evolutioner, own)["fitness"]

    lines = []
    slots = call(f"{services.evolutioner}/v1/info")["slots"]
    with ThreadPoolExecutor(slots) as pool:
        for result in services.get(genome)["rungs"]:
            rung = rung_of(result)
            if rung >= FINALIST and rung != champion["rung"]:
                continue
            job = services.get(f"{genome}/job?rung={rung}")
            scores = [pool.submit(again, job["job"], seed)
                      for seed in range(1, n + 1)]
            lines.append({"rung": rung, "images": result["images"],
                          "epochs": len(result["epochs"]),
                          "score": result["fitness"],
                          "again": [s.result() for s in scores]})
    return lines
