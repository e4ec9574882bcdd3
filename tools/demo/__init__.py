"""A seeded synthetic AI platform with known truth."""

from tools.demo.build import DemoReport, build_demo

__all__ = ["DemoReport", "build_demo"]
