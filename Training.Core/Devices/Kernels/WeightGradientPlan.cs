namespace Training.Core.Devices.Kernels;

/// <summary>
/// How the weight gradient of one 3x3 convolution (padding 1) is cut into parts and blocks. Sizes in pixels and channels.
/// </summary>
/// <param name="Threads">At most so many parts are done at a time.</param>
internal readonly record struct WeightGradientPlan(int Images, int Inputs, int Outputs, int Height, int Width, int Stride, int Threads)
{
    /// <summary>Inputs that a tile has: eight floats, one AVX register.</summary>
    public const int TileInputs = 8;

    /// <summary>
    /// Outputs that a tile has: with three columns of the kernel their twelve sums fill the registers that AVX2 leaves free.
    /// </summary>
    public const int TileOutputs = 4;

    /// <summary>Floats of a tile: outputs x columns of the kernel x inputs.</summary>
    public const int Tile = TileOutputs * Kernel * TileInputs;

    public const int Kernel = 3;

    // Fewer channels than this are not worth packing the images again for another part.
    private const int LeastOutputsAPart = 128;

    // Pixels whose products a tile sums before it goes back to memory: the packed rows of one group of inputs stay in the first cache.
    private const int BlockPixels = 224;

    public int OutHeight => (Height - 1) / Stride + 1;

    public int OutWidth => (Width - 1) / Stride + 1;

    /// <summary>Parts along the outputs; each sums into its own tiles.</summary>
    public int OutputParts { get; } = Parts(Threads, Outputs);

    /// <summary>Parts along the images, whose sums are added in the end.</summary>
    public int ImageParts => Math.Clamp(Threads / OutputParts, 1, Images);

    public int InputGroups => Inputs / TileInputs;

    public int OutputGroups => Outputs / TileOutputs;

    /// <summary>Rows of the output in a block.</summary>
    public int BlockRows => Math.Clamp(BlockPixels / OutWidth, 1, OutHeight);

    /// <summary>Images in a block; more than one only where a block holds them whole.</summary>
    public int BlockImages =>
        BlockRows < OutHeight ? 1 : Math.Clamp(BlockPixels / (OutHeight * OutWidth), 1, (Images + ImageParts - 1) / ImageParts);

    /// <summary>Columns of packed input: those that the kernel sees, with a zero for each that lies outside the image.</summary>
    public int PackedWidth => (OutWidth - 1) * Stride + Kernel;

    public int PackedRows(int rows) => (rows - 1) * Stride + Kernel;

    /// <summary>Floats of a part's packed inputs.</summary>
    public long PackedInputs => (long)Inputs * BlockImages * PackedRows(BlockRows) * PackedWidth;

    /// <summary>Floats of a part's packed gradients, for the part with the most outputs.</summary>
    public long PackedGradients => (long)BlockImages * BlockRows * OutWidth * MostOutputGroups * TileOutputs;

    /// <summary>Floats of a part's sums.</summary>
    public long Sums => (long)MostOutputGroups * InputGroups * Kernel * Tile;

    /// <summary>The first group of outputs of a part; that of the part after the last is <see cref="OutputGroups"/>.</summary>
    public int FirstOutputGroup(int outputPart) => OutputGroups * outputPart / OutputParts;

    public int FirstImage(int imagePart) => Images * imagePart / ImageParts;

    private int MostOutputGroups => (OutputGroups + OutputParts - 1) / OutputParts;

    // The largest number of parts that divides the threads.
    private static int Parts(int threads, int outputs)
    {
        var parts = Math.Clamp(outputs / LeastOutputsAPart, 1, threads);
        while (threads % parts != 0) parts--;
        return parts;
    }
}
