"""Benchmarks: they measure and print the figures in README.md, and judge nothing."""
