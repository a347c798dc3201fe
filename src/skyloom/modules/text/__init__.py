"""Modules that make columns of numbers out of text, and what they share: words, n-grams and word lists."""
