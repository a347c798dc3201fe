"""The version of the old SDK whose surface this follows."""

VERSION = "1.61.0"
