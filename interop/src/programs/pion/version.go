package main

// pionVersion is set by the linker (`-X main.pionVersion=…`): Debian's package version.
var pionVersion = "unknown"
