"""What the data team was told."""

from agent.notice import Notice


class FakeNoticeboard:
    def __init__(self) -> None:
        self.posted: list[Notice] = []

    async def post(self, notice: Notice) -> None:
        self.posted.append(notice)
