"""Pictures that look like the screens of hospital systems, each marked 示例. Pillow only; the same bytes each time."""
