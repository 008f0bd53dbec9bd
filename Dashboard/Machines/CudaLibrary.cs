namespace Dashboard.Machines;

/// <summary>Whether this build carries a libtorch that can use NVIDIA GPUs; found out without loading it.</summary>
internal static class CudaLibrary
{
    private const string FileName = "libtorch_cuda.so";

    public static bool IsPresent { get; } =
        File.Exists(Path.Combine(AppContext.BaseDirectory, FileName))
        || File.Exists(Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", FileName));
}
