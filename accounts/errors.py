class Refused(Exception):
    """A rule of the house said no. The only argument is one Chinese sentence: what happened and what to do next."""

    @property
    def sentence(self) -> str:
        return str(self.args[0])
