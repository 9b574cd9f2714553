"""Extracts of a hospital's systems to coefficients of data quality, on DuckDB. Nothing is loaded whole into Python."""
