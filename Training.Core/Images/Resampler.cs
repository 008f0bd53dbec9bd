using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Training.Core.Images;

/// <summary>
/// Resizes RGBA with a triangle filter that widens when it shrinks (antialiased bilinear, as PIL and torchvision do it), columns first,
/// then rows. Integer arithmetic: the same bytes on every processor.
/// By hand: Skia's filters don't widen when they shrink (SkiaSharp, MIT), so a model would see other pixels than under PIL.
/// </summary>
internal static class Resampler
{
    /// <summary>Weights are whole numbers of 2⁻²²: 255 times the sum of a pixel's weights still fits 31 bits.</summary>
    private const int Precision = 22;

    /// <summary>What it takes at most for a source of so many rows.</summary>
    public static long BytesBetween(int rows, PixelSize target) => (long)rows * target.Width * 4;

    /// <summary>Writes <paramref name="box"/> of the source into <paramref name="target"/> (height, width, 4).</summary>
    /// <param name="source">Rows of <paramref name="sourceSize"/>.Width RGBA pixels without gaps.</param>
    public static void Resize(
        ReadOnlySpan<byte> source, PixelSize sourceSize, PixelBox box, Span<byte> target, PixelSize targetSize)
    {
        using var columns = new Filter(sourceSize.Width, box.Left, box.Right, targetSize.Width);
        using var rows = new Filter(sourceSize.Height, box.Top, box.Bottom, targetSize.Height);
        var pitch = targetSize.Width * 4;
        using var buffer = new ByteBuffer((rows.End - rows.Begin) * pitch);
        var narrowed = buffer.Span;
        for (var y = rows.Begin; y < rows.End; y++)
        {
            var row = MemoryMarshal.Cast<byte, uint>(source.Slice(y * sourceSize.Width * 4, sourceSize.Width * 4));
            ResizeRow(row, columns, MemoryMarshal.Cast<byte, uint>(narrowed.Slice((y - rows.Begin) * pitch, pitch)));
        }
        for (var y = 0; y < targetSize.Height; y++)
        {
            var first = rows.First(y) - rows.Begin;
            BlendRows(narrowed[(first * pitch)..], rows.Weights(y), target.Slice(y * pitch, pitch));
        }
    }

    private static void ResizeRow(ReadOnlySpan<uint> source, Filter filter, Span<uint> target)
    {
        var pairs = Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1);
        for (var x = 0; x < target.Length; x++)
        {
            var weights = filter.Weights(x);
            var sum = Vector128.Create(1 << (Precision - 1));
            ref var pixel = ref Unsafe.AsRef(in source[filter.First(x)]);
            var tap = 0;
            if (Avx2.IsSupported)
            {
                var sums = Vector256<int>.Zero;
                for (; tap + 1 < weights.Length; tap += 2)
                {
                    var two = Unsafe.ReadUnaligned<long>(ref Unsafe.As<int, byte>(ref Unsafe.AsRef(in weights[tap])));
                    sums += WidenTwo(ref Unsafe.Add(ref pixel, tap)) * Avx2.PermuteVar8x32(Vector256.CreateScalarUnsafe(two).AsInt32(),
                        pairs);
                }
                sum += sums.GetLower() + sums.GetUpper();
            }
            for (; tap < weights.Length; tap++) sum += Widen(Unsafe.Add(ref pixel, tap)) * weights[tap];
            target[x] = Narrow(sum);
        }
    }

    private static void BlendRows(ReadOnlySpan<byte> source, ReadOnlySpan<int> weights, Span<byte> target)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(source);
        var output = MemoryMarshal.Cast<byte, uint>(target);
        ref var start = ref MemoryMarshal.GetReference(pixels);
        var x = 0;
        if (Avx2.IsSupported)
        {
            for (; x + 1 < output.Length; x += 2)
            {
                var sums = Vector256.Create(1 << (Precision - 1));
                for (var tap = 0; tap < weights.Length; tap++)
                    sums += WidenTwo(ref Unsafe.Add(ref start, tap * output.Length + x)) * weights[tap];
                (output[x], output[x + 1]) = (Narrow(sums.GetLower()), Narrow(sums.GetUpper()));
            }
        }
        for (; x < output.Length; x++)
        {
            var sum = Vector128.Create(1 << (Precision - 1));
            for (var tap = 0; tap < weights.Length; tap++)
                sum += Widen(Unsafe.Add(ref start, tap * output.Length + x)) * weights[tap];
            output[x] = Narrow(sum);
        }
    }

    /// <summary>Two pixels side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> WidenTwo(ref uint pixels) =>
        Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<uint, byte>(ref pixels)))
            .AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(uint pixel) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte())).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(Vector128<int> sum)
    {
        var bytes = Vector128.Min(Vector128.ShiftRightLogical(sum, Precision), Vector128.Create(255)).AsUInt32();
        var shorts = Vector128.Narrow(bytes, bytes);
        return Vector128.Narrow(shorts, shorts).AsUInt32().ToScalar();
    }

    /// <summary>For every output position the first source position and the weights from there on.</summary>
    private readonly ref struct Filter
    {
        private readonly int[] _first;
        private readonly int[] _weights;
        private readonly int _taps;

        public Filter(int sourceLength, double from, double to, int targetLength)
        {
            var step = (to - from) / targetLength;
            var reach = Math.Max(step, 1);
            _taps = (int)Math.Ceiling(reach) * 2 + 1;
            _first = ArrayPool<int>.Shared.Rent(targetLength * 2);
            _weights = ArrayPool<int>.Shared.Rent(targetLength * _taps);
            (Begin, End) = (sourceLength, 0);
            Span<double> shares = stackalloc double[_taps <= 256 ? _taps : 0];
            if (shares.IsEmpty) shares = new double[_taps];
            for (var at = 0; at < targetLength; at++)
            {
                var centre = from + (at + 0.5) * step;
                var first = Math.Clamp((int)(centre - reach + 0.5), 0, sourceLength - 1);
                var end = Math.Clamp((int)(centre + reach + 0.5), first + 1, sourceLength);
                Weigh(shares[..(end - first)], centre - first, reach, _weights.AsSpan(at * _taps));
                (_first[at * 2], _first[at * 2 + 1]) = (first, end - first);
                (Begin, End) = (Math.Min(Begin, first), Math.Max(End, end));
            }
        }

        /// <summary>The source positions that are read at all.</summary>
        public int Begin { get; }

        public int End { get; }

        public int First(int at) => _first[at * 2];

        public ReadOnlySpan<int> Weights(int at) => _weights.AsSpan(at * _taps, _first[at * 2 + 1]);

        public void Dispose()
        {
            ArrayPool<int>.Shared.Return(_first);
            ArrayPool<int>.Shared.Return(_weights);
        }

        private static void Weigh(Span<double> shares, double centre, double reach, Span<int> weights)
        {
            var sum = 0.0;
            for (var tap = 0; tap < shares.Length; tap++)
                sum += shares[tap] = Math.Max(0, 1 - Math.Abs(tap + 0.5 - centre) / reach);
            // A box narrower than a pixel at the image's rim can miss every centre: take the nearest pixel then.
            if (sum <= 0) sum = shares[0] = 1;
            for (var tap = 0; tap < shares.Length; tap++)
                weights[tap] = (int)Math.Round(shares[tap] / sum * (1 << Precision));
        }
    }
}

internal readonly record struct PixelSize(int Width, int Height)
{
    public long Pixels => (long)Width * Height;
}

/// <summary>Edges in pixels, fractions allowed.</summary>
internal readonly record struct PixelBox(double Left, double Top, double Right, double Bottom);

/// <summary>How a photo becomes a square: short side to size and the middle cut out, or both sides squeezed to size.</summary>
public enum ResizeKind { CentreCrop, Squash }
