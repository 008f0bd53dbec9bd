namespace Training.Core.Devices;

/// <summary>Auto takes what the device computes fastest without a loss. Tf32: fp32 numbers with shorter products, on newer GPUs.</summary>
public enum PrecisionKind { Auto, Fp32, Bf16, Tf32 }
