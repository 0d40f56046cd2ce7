// The sources.
