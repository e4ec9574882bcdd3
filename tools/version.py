"""The version, in one place: the build, the CLI and every manifest read it from here."""

VERSION = "0.1.0"
