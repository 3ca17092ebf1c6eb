"""Benchmarks: what the README's figures come from. They print and judge nothing."""
