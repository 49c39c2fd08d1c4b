"""The two-tower model: numpy and Paddle only; knows neither Django nor Milvus.

Training needs Paddle (`network`, `kernels`, `loss`, `train`). Everything that serving imports
(`serving_model`, `artifact`, `features`, `vocabulary`, `config`, `data`, `evaluate`) runs on numpy alone.
"""
