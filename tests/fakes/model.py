"""A `Model` that answers from a list per call and remembers every prompt."""

from collections import defaultdict
from typing import Any

from pydantic import ValidationError

from agent.errors import ModelError, ModelUnparsable
from agent.llm.model import Meter, Prompt, ShapeT


class FakeModel:
    """`says("sql_generate", {...}, ModelUnavailable())`: answers in order, the last one for good."""

    def __init__(self) -> None:
        self.prompts: list[Prompt] = []
        self._answers: dict[str, list[dict[str, Any] | ModelError]] = defaultdict(list)

    def says(self, name: str, *answers: dict[str, Any] | ModelError) -> "FakeModel":
        self._answers[name] = list(answers)
        return self

    def asked(self, name: str) -> list[Prompt]:
        return [prompt for prompt in self.prompts if prompt.name == name]

    async def ask(self, prompt: Prompt, shape: type[ShapeT], meter: Meter) -> ShapeT:
        self.prompts.append(prompt)
        meter.admit(prompt.most_tokens)
        meter.add(input_tokens=10, output_tokens=5)
        answers = self._answers[prompt.name]
        if not answers:
            raise AssertionError(f"nobody said what to answer to {prompt.name}")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, ModelError):
            raise answer
        try:
            return shape.model_validate(answer)
        except ValidationError as error:  # as the real one does, when the model keeps saying so
            raise ModelUnparsable(str(error)) from error
