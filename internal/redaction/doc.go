// Package redaction proves that secrets stay where they belong. It has tests only:
// they plant secrets in everything that can hold one, make it speak in every way
// that Go has (all verbs of fmt, encoders, logs, errors, panics), and search what
// was said, in plain text and in the encodings that come out by themselves.
//
// What the program zcrm says is searched in package internal/cli.
package redaction
