"""Model versions: conversion to ONNX, explanation tables, the parity gate, the registry."""
