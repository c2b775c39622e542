class Refused(Exception):
    """A rule of the house said no: one Chinese sentence, what happened and what to do next.

    `field` names the word of the service that was wrong, so that a form which asks for it says so beside it.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field

    @property
    def sentence(self) -> str:
        return str(self.args[0])
