using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static Training.Core.Devices.Kernels.WeightGradientPlan;

namespace Training.Core.Devices.Kernels;

/// <summary>
/// The gradient of a 3x3 convolution's weights, in float32 with AVX2: for each output o, input i and place (r, s) of the kernel the sum
/// over all images and pixels (y, x) of gradient[n, y, x, o] · input[n, y · stride + r - 1, x · stride + s - 1, i].
/// By hand: without AVX-512 oneDNN 3.7, which libtorch computes it with, reaches half of what the processor can do.
/// </summary>
/// <remarks>
/// Inputs and gradients are packed block by block so that a tile's operands lie one behind the other, with zeros for the border; a tile of
/// 4 outputs x 3 columns x 8 inputs then stays in registers for all pixels of its block. Sums are added in an order that only the shapes
/// and the number of threads decide, so equal operands give equal bits.
/// </remarks>
internal static unsafe class WeightGradientKernel
{
    /// <summary>Whether this processor and this libtorch can do it.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported && OpenMpTeam.IsAvailable;

    /// <param name="input">(images, height, width, inputs).</param>
    /// <param name="gradient">Of the output: (images, out height, out width, outputs).</param>
    /// <param name="weights">The result: (outputs, 3, 3, inputs).</param>
    /// <param name="workspace">At least <see cref="Workspace"/> floats.</param>
    public static void Run(WeightGradientPlan plan, float* input, float* gradient, float* weights, float* workspace)
    {
        var call = new Call { Input = input, Gradient = gradient, Weights = weights, Workspace = workspace, Plan = plan };
        OpenMpTeam.Run(plan.OutputParts * plan.ImageParts, &SumPart, &call);
        OpenMpTeam.Run(Math.Min(plan.Threads, plan.OutputGroups), &AddParts, &call);
    }

    /// <summary>Floats that a run needs besides its operands.</summary>
    public static long Workspace(WeightGradientPlan plan) => plan.OutputParts * plan.ImageParts * PartWorkspace(plan);

    private static long PartWorkspace(WeightGradientPlan plan) => plan.Sums + plan.PackedInputs + plan.PackedGradients;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumPart(void* state, int part)
    {
        var call = (Call*)state;
        var plan = call->Plan;
        var (outputPart, imagePart) = (part / plan.ImageParts, part % plan.ImageParts);
        var sums = call->Workspace + part * PartWorkspace(plan);
        var inputs = sums + plan.Sums;
        var gradients = inputs + plan.PackedInputs;
        NativeMemory.Clear(sums, (nuint)plan.Sums * sizeof(float));

        int firstGroup = plan.FirstOutputGroup(outputPart), groups = plan.FirstOutputGroup(outputPart + 1) - firstGroup;
        var lastImage = plan.FirstImage(imagePart + 1);
        for (var image = plan.FirstImage(imagePart); image < lastImage; image += plan.BlockImages)
        {
            for (var row = 0; row < plan.OutHeight; row += plan.BlockRows)
            {
                var block = new Block(
                    image, Math.Min(plan.BlockImages, lastImage - image), row, Math.Min(plan.BlockRows, plan.OutHeight - row), firstGroup,
                    groups);
                PackInputs(plan, block, call->Input, inputs);
                PackGradients(plan, block, call->Gradient, gradients);
                SumBlock(plan, block, inputs, gradients, sums);
            }
        }
    }

    /// <summary>
    /// To (groups of inputs, images, rows, columns, 8): the rows and columns that the kernel sees, zeros outside the image.
    /// </summary>
    private static void PackInputs(WeightGradientPlan plan, Block block, float* input, float* packed)
    {
        var row = plan.PackedWidth * TileInputs;
        var rows = plan.PackedRows(block.Rows);
        var group = (long)block.Images * rows * row;
        var within = Math.Min(plan.Width, plan.PackedWidth - 1);
        for (var at = 0; at < block.Images * rows; at++)
        {
            var from = block.Row * plan.Stride - 1 + at % rows;
            var line = from < 0 || from >= plan.Height
                ? null
                : input + ((long)(block.Image + at / rows) * plan.Height + from) * plan.Width * plan.Inputs;
            for (var i = 0; i < plan.InputGroups; i++)
            {
                var target = packed + i * group + (long)at * row;
                new Span<float>(target, line is null ? row : TileInputs).Clear();
                if (line is null) continue;
                var source = line + i * TileInputs;
                target += TileInputs;
                for (var column = 0; column < within; column++, source += plan.Inputs, target += TileInputs)
                    Vector256.Load(source).Store(target);
                new Span<float>(target, row - (within + 1) * TileInputs).Clear();
            }
        }
    }

    /// <summary>To (groups of outputs, images, rows, columns, 4).</summary>
    private static void PackGradients(WeightGradientPlan plan, Block block, float* gradient, float* packed)
    {
        var pixels = block.Rows * plan.OutWidth;
        for (var image = 0; image < block.Images; image++)
        {
            var first = gradient + ((long)(block.Image + image) * plan.OutHeight + block.Row) * plan.OutWidth * plan.Outputs;
            for (var group = 0; group < block.Groups; group++)
            {
                var source = first + (block.FirstGroup + group) * TileOutputs;
                var target = packed + ((long)group * block.Images + image) * pixels * TileOutputs;
                for (var pixel = 0; pixel < pixels; pixel++, source += plan.Outputs, target += TileOutputs)
                    Vector128.Load(source).Store(target);
            }
        }
    }

    /// <summary>Into sums (groups of inputs, rows of the kernel, groups of outputs, tile).</summary>
    private static void SumBlock(WeightGradientPlan plan, Block block, float* inputs, float* gradients, float* sums)
    {
        var row = plan.PackedWidth * TileInputs;
        var image = plan.PackedRows(block.Rows) * row;
        var gradientGroup = (long)block.Images * block.Rows * plan.OutWidth * TileOutputs;
        for (var i = 0; i < plan.InputGroups * Kernel; i++)
        {
            var first = inputs + (long)(i / Kernel) * block.Images * image + i % Kernel * row;
            for (var group = 0; group < block.Groups; group++)
            {
                SumTile(
                    first, gradients + group * gradientGroup, sums + ((long)i * block.Groups + group) * Tile,
                    block.Images, image, block.Rows, row * plan.Stride, plan.OutWidth * plan.Stride * TileInputs, plan.Stride * TileInputs);
            }
        }
    }

    // Twelve sums, three inputs and one gradient: all sixteen registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumTile(
        float* input, float* gradient, float* tile, int images, int nextImage, int rows, int nextRow, int width, int nextPixel)
    {
        Vector256<float> a0 = Vector256.Load(tile), a1 = Vector256.Load(tile + 8), a2 = Vector256.Load(tile + 16);
        Vector256<float> b0 = Vector256.Load(tile + 24), b1 = Vector256.Load(tile + 32), b2 = Vector256.Load(tile + 40);
        Vector256<float> c0 = Vector256.Load(tile + 48), c1 = Vector256.Load(tile + 56), c2 = Vector256.Load(tile + 64);
        Vector256<float> d0 = Vector256.Load(tile + 72), d1 = Vector256.Load(tile + 80), d2 = Vector256.Load(tile + 88);
        for (; images > 0; images--, input += nextImage)
        {
            var line = input;
            for (var row = 0; row < rows; row++, line += nextRow)
            {
                for (var pixel = line; pixel < line + width; pixel += nextPixel, gradient += TileOutputs)
                {
                    Vector256<float> x0 = Vector256.Load(pixel), x1 = Vector256.Load(pixel + 8), x2 = Vector256.Load(pixel + 16);
                    var g = Avx.BroadcastScalarToVector256(gradient);
                    (a0, a1, a2) = (Fma.MultiplyAdd(g, x0, a0), Fma.MultiplyAdd(g, x1, a1), Fma.MultiplyAdd(g, x2, a2));
                    g = Avx.BroadcastScalarToVector256(gradient + 1);
                    (b0, b1, b2) = (Fma.MultiplyAdd(g, x0, b0), Fma.MultiplyAdd(g, x1, b1), Fma.MultiplyAdd(g, x2, b2));
                    g = Avx.BroadcastScalarToVector256(gradient + 2);
                    (c0, c1, c2) = (Fma.MultiplyAdd(g, x0, c0), Fma.MultiplyAdd(g, x1, c1), Fma.MultiplyAdd(g, x2, c2));
                    g = Avx.BroadcastScalarToVector256(gradient + 3);
                    (d0, d1, d2) = (Fma.MultiplyAdd(g, x0, d0), Fma.MultiplyAdd(g, x1, d1), Fma.MultiplyAdd(g, x2, d2));
                }
            }
        }
        a0.Store(tile); a1.Store(tile + 8); a2.Store(tile + 16);
        b0.Store(tile + 24); b1.Store(tile + 32); b2.Store(tile + 40);
        c0.Store(tile + 48); c1.Store(tile + 56); c2.Store(tile + 64);
        d0.Store(tile + 72); d1.Store(tile + 80); d2.Store(tile + 88);
    }

    /// <summary>Adds the image parts' tiles and puts them where the weights have them; a share of the groups of outputs per part.</summary>
    private static void AddParts(void* state, int share)
    {
        var call = (Call*)state;
        var plan = call->Plan;
        var shares = Math.Min(plan.Threads, plan.OutputGroups);
        var outputPart = 0;
        for (var group = plan.OutputGroups * share / shares; group < plan.OutputGroups * (share + 1) / shares; group++)
        {
            while (plan.FirstOutputGroup(outputPart + 1) <= group) outputPart++;
            var firstGroup = plan.FirstOutputGroup(outputPart);
            var groups = plan.FirstOutputGroup(outputPart + 1) - firstGroup;
            for (var i = 0; i < plan.InputGroups * Kernel; i++)
            {
                var first = call->Workspace + outputPart * plan.ImageParts * PartWorkspace(plan)
                    + ((long)i * groups + group - firstGroup) * Tile;
                for (var at = 0; at < Tile; at += TileInputs)
                {
                    var sum = Vector256.Load(first + at);
                    for (var part = 1; part < plan.ImageParts; part++) sum += Vector256.Load(first + part * PartWorkspace(plan) + at);
                    int output = group * TileOutputs + at / (Kernel * TileInputs), column = at / TileInputs % Kernel;
                    sum.Store(call->Weights + (((long)output * Kernel + i % Kernel) * Kernel + column) * plan.Inputs
                        + i / Kernel * TileInputs);
                }
            }
        }
    }

    /// <summary>Images and rows of the output from the first ones on, and the groups of outputs of the part.</summary>
    private readonly record struct Block(int Image, int Images, int Row, int Rows, int FirstGroup, int Groups);

    private struct Call
    {
        public float* Input, Gradient, Weights, Workspace;
        public WeightGradientPlan Plan;
    }
}
