"""Random bodies for every POST endpoint: no server error, problem documents alone, one verdict a drive."""

from __future__ import annotations

import csv
import io
import json
import random
import struct
from collections import Counter
from typing import Any, NamedTuple, NoReturn, override

import httpx

from tests.campaigns.account import running_account
from tests.campaigns.body_mutations import COLUMNS, drive, feature_rows, mishandled, tensor_request
from tests.campaigns.campaign import Campaign
from tests.support.drives import WORN, record
from tests.support.running_app import PROJECT, running_app

SOUND = json.dumps(record(**WORN))
NEIGHBOURS = (SOUND, json.dumps(record(smart_5_raw=-1)), "7", "{}", "null")
INFER = "v2/models/drivecast/infer"
INFERS = (INFER, "v2/models/drivecast/versions/v2/infer", "v2/models/x/infer")
PATHS = ("predict", "explain", "predict/batch", "invocations", *INFERS)
FORMATS = ("smartctl", "smartctl", "telemetry", "x")
QUERIES = (
    "",
    "",
    "?reasons=all",
    "?reasons=x",
    "?top=3",
    "?top=-1",
    "?format=smartctl",
    "?format=%00&top=1e9",
)
PROBLEM = {"type", "title", "status", "detail", "code"}


class Verdict(NamedTuple):
    """What is said of one drive."""

    status: int
    code: str | None
    fields: tuple[str, ...]
    probability: float | None

    @classmethod
    def of(cls, status: int, document: dict[str, Any], prefix: str = "") -> Verdict:
        """Read it from a forecast, an explanation or a problem."""
        fields = tuple(each["field"].removeprefix(prefix) for each in document.get("errors", ()))
        probability = (document.get("explained", document) or {}).get("probability")
        return cls(status, document.get("code"), fields, probability)


class Bodies(Campaign):
    """One drive, table of features or mishandled body a try."""

    name = "bodies"

    @override
    def start(self) -> None:
        account = self.stack.enter_context(running_account(self.models, self.folder))
        self.app = self.stack.enter_context(
            running_app(
                PROJECT,
                account.azurite.connection_string,
                self.folder,
                settings={
                    "MODELS_FOLDER": str(self.models),
                    "AzureFunctionsWebHost__hostid": "campaign-bodies",
                },
            )
        )
        client = httpx.Client(base_url=f"{self.app.base_url}/api", timeout=60)
        self.client = self.stack.enter_context(client)
        outputs = sorted((PROJECT / "tests" / "data" / "smartctl").glob("*.json"))
        self.smartctl = [path.read_text(encoding="utf-8") for path in outputs]
        self.features = [each["name"] for each in self.client.get("/model").json()["features"]]

    @override
    def attempt(self, chance: random.Random) -> Counter[str]:
        try:
            kind = chance.choices([self.one_drive, self.one_table, self.any_body], weights=[5, 1, 6])[0]
            return kind(chance)
        finally:
            self.evidence["devhost.log"] = self.app.output.encode()[-200_000:]

    def one_drive(self, chance: random.Random) -> Counter[str]:
        """Ask about a drive on every path, alone and among others."""
        text = drive(chance)
        self.evidence["drive.json"] = text.encode()
        alone = Verdict.of(*self._post("predict", text))
        explained = Verdict.of(*self._post("explain", text))
        assert explained == alone, f"predict: {alone}; explain: {explained}"
        before, after = (chance.choices(NEIGHBOURS, k=chance.randint(0, 3)) for _ in range(2))
        for drives, index in (([text], 0), ([*before, text, *after], len(before))):
            found = self._in_batch(drives, index)
            assert found == alone, f"predict: {alone}; batch, at {index} of {len(drives)}: {found}"
        self._in_tables(text)
        return Counter({f"drives {alone.code or 'forecast'}": 1})

    def _in_batch(self, drives: list[str], index: int) -> Verdict:
        status, document = self._post("predict/batch", f'{{"drives": [{", ".join(drives)}]}}')
        if status != httpx.codes.OK:
            return Verdict.of(status, document)
        item = document["results"][index]
        if "problem" in item:
            return Verdict.of(item["problem"]["status"], item["problem"], f"drives[{index}].")
        return Verdict.of(httpx.codes.OK, item["forecast"])

    def _in_tables(self, text: str) -> None:
        """Ask what a table can say of a drive: its model and its values, without date and history."""
        try:
            given = json.loads(text)
        except ValueError:
            return
        row = {"model": record()["model"]}
        row |= {name: value for name, value in given.items() if name in row or name in COLUMNS}
        alone = Verdict.of(*self._post("predict", written(record() | row)))
        tables: list[dict[str, Any]] = [
            {"dataframe_records": [row]},
            {"instances": [row, {"model": "X"}]},
            {"dataframe_split": {"columns": list(row), "data": [list(row.values())]}},
        ]
        for table in tables:
            status, document = self._post("invocations", written(table))
            assert status == alone.status, f"{status} for {alone} in {list(table)}"
            if status == httpx.codes.OK:
                assert document["predictions"][0] == alone.probability, list(table)
            else:
                found = {each["field"].removesuffix("[0]") for each in document.get("errors", ())}
                assert alone.code != "invalid_telemetry" or found == set(alone.fields), list(table)
        if alone.status == httpx.codes.OK and row["model"] == record()["model"]:
            status, document = self._post("invocations", as_csv(row), "text/csv")
            assert status == httpx.codes.OK, document
            assert document["predictions"] == [alone.probability], "another value in CSV"

    def one_table(self, chance: random.Random) -> Counter[str]:
        """Ask about rows of features as a table and as tensors, in JSON and in bytes."""
        rows = feature_rows(chance, len(self.features))
        table = written({"dataframe_split": {"columns": self.features, "data": rows}})
        self.evidence["table.json"] = table.encode()
        status, document = self._post("invocations", table)
        assert status == httpx.codes.OK, document
        predictions = document["predictions"]
        flat = [value for row in rows for value in row]
        for data in (rows, flat):
            status, found = self._post(INFER, written(tensor_request(rows, data=data)))
            assert status == httpx.codes.OK, found
            values = {output["name"]: output["data"] for output in found["outputs"]}
            assert values["probability"] == predictions
        octets = struct.pack(f"<{len(flat)}f", *(float("nan") if value is None else value for value in flat))
        request = tensor_request(rows, parameters={"binary_data_size": len(octets)})
        del request["inputs"][0]["data"]
        head = written(request).encode()
        length = {"inference-header-content-length": str(len(head))}
        status, found = self._post(INFER, head + octets, "application/octet-stream", length)
        assert status == httpx.codes.OK, found
        assert found["outputs"][0]["data"] == predictions
        return Counter({"feature tables": 1})

    def any_body(self, chance: random.Random) -> Counter[str]:
        """Send a body of any endpoint, mishandled, to any endpoint."""
        fitting, text = self._body(chance)
        body, headers = mishandled(text.encode(errors="surrogatepass"), chance)
        path = fitting if chance.random() < 0.8 else chance.choice(PATHS)
        path += "" if "?" in path else chance.choice(QUERIES)
        self.evidence["body.bin"] = body
        self.evidence["request.json"] = json.dumps({"path": path, "headers": headers}).encode()
        status, document = self._ask(path, body, headers)
        return Counter({f"bodies {document.get('code', status)}": 1})

    def _body(self, chance: random.Random) -> tuple[str, str]:
        """Return a body and the endpoint that it is for."""
        drives = [drive(chance) for _ in range(chance.choice([1, 1, 3, 40]))]
        form = chance.choice(["dataframe_records", "instances", "inputs"])
        rows = feature_rows(chance, len(self.features))
        split = {"columns": self.features, "data": rows}
        table = {"model": "ST4000DM000", "smart_5_raw": chance.choice([1, None, "x", 2.5])}
        return chance.choice(
            [
                (chance.choice(["predict", "explain"]), drives[0]),
                (f"predict?format={chance.choice(FORMATS)}", chance.choice(self.smartctl)),
                ("predict/batch", f'{{"drives": [{", ".join(drives)}]}}'),
                ("invocations", f'{{"{form}": [{", ".join(drives)}]}}'),
                ("invocations", json.dumps({"dataframe_split": split})),
                ("invocations", as_csv(table)),
                (chance.choice(INFERS), json.dumps(tensor_request(rows))),
            ]
        )

    def _post(
        self,
        path: str,
        body: str | bytes,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        content = body.encode() if isinstance(body, str) else body
        return self._ask(path, content, {"content-type": kind, **(headers or {})})

    def _ask(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Send a body; return status and document of the answer, which is right in its form."""
        answer = self.client.post(f"/{path}", content=body, headers=headers)
        said = f"POST {path}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, said
        if answer.headers.get("content-type", "").startswith("application/octet-stream"):
            return answer.status_code, {}
        document: dict[str, Any] = json.loads(answer.content, parse_constant=refuse)
        if answer.status_code != httpx.codes.OK:
            assert answer.headers["content-type"] == "application/problem+json", said
            assert document.keys() >= PROBLEM, said
            assert document["status"] == answer.status_code, said
            assert document["type"] == f"urn:drivecast:problem:{document['code']}", said
            for word in ("Traceback", str(PROJECT), str(self.folder)):
                assert word not in answer.text, said
        return answer.status_code, document


def refuse(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which are no JSON."""
    raise AssertionError(f"{constant} in an answer")


def written(document: object) -> str:
    """Write JSON; infinite numbers as a number that is read as one."""
    return json.dumps(document).replace("Infinity", "1e999")


def as_csv(row: dict[str, Any]) -> str:
    """Write a table of one row as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row), lineterminator="\n")
    writer.writeheader()
    writer.writerow({name: "" if value is None else value for name, value in row.items()})
    return text.getvalue()
