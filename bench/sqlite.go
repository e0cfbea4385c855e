package main

func sqliteRows(string) ([]row, func() error, error) { return nil, func() error { return nil }, nil }
