"""The rivals of Co-SA in the same harness: EF-LSTM, LF-DNN, TFN, LMF, MulT, MISA, bi-GRU and ridge. Free of torch."""
