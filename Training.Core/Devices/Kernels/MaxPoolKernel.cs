using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Training.Core.Devices.Kernels;

/// <summary>
/// The largest number of each 3x3 window (stride 2, padding 1), or 0 where it is not positive: maximum pooling and ReLU at once. Which of
/// the window's numbers it is stands in a byte. By hand: libtorch keeps eight for that, and the images besides.
/// </summary>
/// <remarks>As in libtorch the first of equal numbers counts, and one that is no number is larger than any.</remarks>
internal static unsafe class MaxPoolKernel
{
    /// <summary>Whether this processor and this libtorch can do it.</summary>
    public static bool IsSupported => Avx2.IsSupported && OpenMpTeam.IsAvailable;

    public const int Window = 3;
    public const int Stride = 2;

    /// <summary>The place of a number that is not positive: no place has it.</summary>
    private const byte Nowhere = Window * Window;

    /// <summary>Shape of the images, channels-last, and how many parts their rows are cut into.</summary>
    internal readonly record struct Plan(int Images, int Height, int Width, int Channels, int Parts)
    {
        public int OutHeight => (Height - 1) / Stride + 1;

        public int OutWidth => (Width - 1) / Stride + 1;

        /// <summary>Numbers in a row of the images.</summary>
        public long Row => (long)Width * Channels;

        public long OutRow => (long)OutWidth * Channels;
    }

    /// <param name="images">(images, height, width, channels), channels a multiple of 32.</param>
    /// <param name="pooled">The result: (images, out height, out width, channels).</param>
    /// <param name="places">The same shape in bytes: row of the window times 3 plus its column; null where no gradient is wanted.</param>
    public static void Pool<TNumbers>(Plan plan, byte* images, byte* pooled, byte* places) where TNumbers : struct, IPixelNumbers
    {
        var call = new Call { Plan = plan, Images = images, Pooled = pooled, Places = places };
        OpenMpTeam.Run(plan.Parts, places is null ? &PoolPart<TNumbers, Forgotten> : &PoolPart<TNumbers, Kept>, &call);
    }

    /// <summary>The gradient of the images from that of the result; sums of windows that overlap are rounded once.</summary>
    public static void Gradient<TNumbers>(Plan plan, byte* gradient, byte* places, byte* images) where TNumbers : struct, IPixelNumbers
    {
        var call = new Call { Plan = plan, Images = images, Pooled = gradient, Places = places };
        OpenMpTeam.Run(plan.Parts, &GradientPart<TNumbers>, &call);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PoolPart<TNumbers, TPlaces>(void* state, int part) where TNumbers : struct, IPixelNumbers where TPlaces : struct
    {
        var call = *(Call*)state;
        var plan = call.Plan;
        var rows = (long)plan.Images * plan.OutHeight;
        for (var at = rows * part / plan.Parts; at < rows * (part + 1) / plan.Parts; at++)
        {
            var first = (int)(at % plan.OutHeight) * Stride - 1;
            var image = call.Images + at / plan.OutHeight * plan.Height * plan.Row * TNumbers.Size;
            for (var column = 0; column < plan.OutWidth; column++)
            {
                var to = at * plan.OutRow + (long)column * plan.Channels;
                for (var channel = 0; channel < plan.Channels; channel += Channels.Count)
                {
                    PoolWindow<TNumbers, TPlaces>(
                        plan, image + (long)channel * TNumbers.Size, first, column * Stride - 1,
                        call.Pooled + (to + channel) * TNumbers.Size, call.Places + to + channel);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PoolWindow<TNumbers, TPlaces>(Plan plan, byte* image, int row, int column, byte* pooled, byte* places)
        where TNumbers : struct, IPixelNumbers where TPlaces : struct
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        var nowhere = Vector256.Create((int)Nowhere);
        Vector256<int> i = nowhere, j = nowhere, k = nowhere, l = nowhere;
        var lastRow = Math.Min(row + Window, plan.Height);
        var lastColumn = Math.Min(column + Window, plan.Width);
        for (var y = Math.Max(row, 0); y < lastRow; y++)
        {
            for (var x = Math.Max(column, 0); x < lastColumn; x++)
            {
                var numbers = TNumbers.Load(image + (y * plan.Row + (long)x * plan.Channels) * TNumbers.Size);
                var place = Vector256.Create((y - row) * Window + x - column);
                Take<TPlaces>(numbers.A, place, ref a, ref i);
                Take<TPlaces>(numbers.B, place, ref b, ref j);
                Take<TPlaces>(numbers.C, place, ref c, ref k);
                Take<TPlaces>(numbers.D, place, ref d, ref l);
            }
        }
        TNumbers.Store(new(a, b, c, d), pooled);
        if (typeof(TPlaces) == typeof(Kept))
            Vector256.Narrow(Vector256.Narrow(i, j).AsUInt16(), Vector256.Narrow(k, l).AsUInt16()).Store(places);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take<TPlaces>(
        Vector256<float> numbers, Vector256<int> place, ref Vector256<float> largest, ref Vector256<int> places)
        where TPlaces : struct
    {
        var larger = Vector256.GreaterThan(numbers, largest) | ~Vector256.Equals(numbers, numbers);
        largest = Vector256.ConditionalSelect(larger, numbers, largest);
        if (typeof(TPlaces) == typeof(Kept)) places = Vector256.ConditionalSelect(larger.AsInt32(), place, places);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientPart<TNumbers>(void* state, int part) where TNumbers : struct, IPixelNumbers
    {
        var call = *(Call*)state;
        var plan = call.Plan;
        var rows = (long)plan.Images * plan.OutHeight;
        for (var at = rows * part / plan.Parts; at < rows * (part + 1) / plan.Parts; at++)
        {
            var (image, row) = (at / plan.OutHeight, (int)(at % plan.OutHeight));
            var to = call.Images + image * plan.Height * plan.Row * TNumbers.Size;
            var from = image * plan.OutHeight * plan.OutRow;
            byte* gradient = call.Pooled + from * TNumbers.Size, places = call.Places + from;
            // Four pixels lie in the same four windows; at the right and the lower border some of these are missing.
            var inside = row * Stride + Stride < plan.Height ? (plan.Width - 1) / Stride : 0;
            for (var column = 0; column < inside; column++) GatherFour<TNumbers>(plan, gradient, places, row, column, to);
            for (var y = row * Stride; y < Math.Min((row + 1) * Stride, plan.Height); y++)
            {
                for (var x = inside * Stride; x < plan.Width; x++) GatherOne<TNumbers>(plan, gradient, places, y, x, to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GatherFour<TNumbers>(
        Plan plan, byte* gradient, byte* places, int row, int column, byte* to) where TNumbers : struct, IPixelNumbers
    {
        long at = row * plan.OutRow + (long)column * plan.Channels, pixel = row * Stride * plan.Row + (long)column * Stride * plan.Channels;
        for (var end = at + plan.Channels; at < end; at += Vector256<float>.Count, pixel += Vector256<float>.Count)
        {
            long right = at + plan.Channels, below = at + plan.OutRow, across = below + plan.Channels;
            var place = Places(places + at);
            var numbers = TNumbers.LoadEight(gradient + at * TNumbers.Size);
            var a = Where(place, 4, numbers);
            var b = Where(place, 5, numbers);
            var c = Where(place, 7, numbers);
            var d = Where(place, 8, numbers);
            (place, numbers) = (Places(places + right), TNumbers.LoadEight(gradient + right * TNumbers.Size));
            (b, d) = (b + Where(place, 3, numbers), d + Where(place, 6, numbers));
            (place, numbers) = (Places(places + below), TNumbers.LoadEight(gradient + below * TNumbers.Size));
            (c, d) = (c + Where(place, 1, numbers), d + Where(place, 2, numbers));
            (place, numbers) = (Places(places + across), TNumbers.LoadEight(gradient + across * TNumbers.Size));
            d += Where(place, 0, numbers);
            TNumbers.StoreEight(a, to + pixel * TNumbers.Size);
            TNumbers.StoreEight(b, to + (pixel + plan.Channels) * TNumbers.Size);
            TNumbers.StoreEight(c, to + (pixel + plan.Row) * TNumbers.Size);
            TNumbers.StoreEight(d, to + (pixel + plan.Row + plan.Channels) * TNumbers.Size);
        }
    }

    private static void GatherOne<TNumbers>(
        Plan plan, byte* gradient, byte* places, int row, int column, byte* to) where TNumbers : struct, IPixelNumbers
    {
        int lastRow = Math.Min((row + 1) / Stride, plan.OutHeight - 1), lastColumn = Math.Min((column + 1) / Stride, plan.OutWidth - 1);
        for (var channel = 0; channel < plan.Channels; channel += Vector256<float>.Count)
        {
            var sum = Vector256<float>.Zero;
            for (var y = row / Stride; y <= lastRow; y++)
            {
                for (var x = column / Stride; x <= lastColumn; x++)
                {
                    var at = y * plan.OutRow + (long)x * plan.Channels + channel;
                    var place = (row - y * Stride + 1) * Window + column - x * Stride + 1;
                    sum += Where(Places(places + at), place, TNumbers.LoadEight(gradient + at * TNumbers.Size));
                }
            }
            TNumbers.StoreEight(sum, to + (row * plan.Row + (long)column * plan.Channels + channel) * TNumbers.Size);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Places(byte* from) => Avx2.ConvertToVector256Int32(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Where(Vector256<int> places, int place, Vector256<float> numbers) =>
        Vector256.Equals(places, Vector256.Create(place)).AsSingle() & numbers;

    private struct Call
    {
        public Plan Plan;
        public byte* Images, Pooled, Places;
    }

    private readonly struct Kept;

    private readonly struct Forgotten;
}
