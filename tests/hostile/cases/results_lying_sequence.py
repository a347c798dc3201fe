"""A sequence that lies about its length, its items and its kind is refused or read as what it really is.

status = "failed"
wall_max_s = 20
host = ["server_healthy", "memory_under_cap"]
"""


class Lies(list):
    @property
    def __class__(self):
        return tuple

    def __len__(self):
        return 1 << 50

    def __iter__(self):
        return self

    def __next__(self):
        return self

    def __getitem__(self, place):
        return self

    def __bool__(self):
        raise RuntimeError("neither")


def azureml_main(dataframe1=None, dataframe2=None):
    return Lies()
