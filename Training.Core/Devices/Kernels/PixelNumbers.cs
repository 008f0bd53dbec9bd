using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Training.Core.Devices.Kernels;

/// <summary>Thirty-two channels of a pixel, in float32.</summary>
internal readonly record struct Channels(Vector256<float> A, Vector256<float> B, Vector256<float> C, Vector256<float> D)
{
    public const int Count = 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Channels operator +(Channels left, Channels right) =>
        new(left.A + right.A, left.B + right.B, left.C + right.C, left.D + right.D);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Channels operator -(Channels left, Channels right) =>
        new(left.A - right.A, left.B - right.B, left.C - right.C, left.D - right.D);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Channels operator *(Channels left, Channels right) =>
        new(left.A * right.A, left.B * right.B, left.C * right.C, left.D * right.D);

    /// <summary>left · right + sum, rounded once; needs FMA.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Channels MultiplyAdd(Channels left, Channels right, Channels sum) => new(
        Fma.MultiplyAdd(left.A, right.A, sum.A), Fma.MultiplyAdd(left.B, right.B, sum.B),
        Fma.MultiplyAdd(left.C, right.C, sum.C), Fma.MultiplyAdd(left.D, right.D, sum.D));

    /// <summary>The larger of each number and 0; what is no number stays so, as the instruction gives its second operand then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Channels Relu()
    {
        var zero = Vector256<float>.Zero;
        return new(Avx.Max(zero, A), Avx.Max(zero, B), Avx.Max(zero, C), Avx.Max(zero, D));
    }

    /// <summary>This vector's numbers where <paramref name="numbers"/> are positive or no numbers, elsewhere 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Channels WherePositive(Channels numbers) =>
        new(Where(numbers.A, A), Where(numbers.B, B), Where(numbers.C, C), Where(numbers.D, D));

    /// <summary>Adds each number to one in float64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void AddTo(double* sums)
    {
        AddTo(A, sums);
        AddTo(B, sums + 8);
        AddTo(C, sums + 16);
        AddTo(D, sums + 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Where(Vector256<float> condition, Vector256<float> numbers) =>
        Avx.CompareNotLessThanOrEqual(condition, Vector256<float>.Zero) & numbers;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void AddTo(Vector256<float> numbers, double* sums)
    {
        (Vector256.Load(sums) + Avx.ConvertToVector256Double(numbers.GetLower())).Store(sums);
        (Vector256.Load(sums + 4) + Avx.ConvertToVector256Double(numbers.GetUpper())).Store(sums + 4);
    }
}

/// <summary>How a kind of number lies in memory.</summary>
internal unsafe interface IPixelNumbers
{
    /// <summary>Bytes of a number.</summary>
    static abstract int Size { get; }

    static abstract Channels Load(byte* from);

    /// <summary>Rounded to the nearest, ties to even.</summary>
    static abstract void Store(Channels numbers, byte* to);

    static abstract Vector256<float> LoadEight(byte* from);

    /// <summary>Rounded as <see cref="Store"/> does.</summary>
    static abstract void StoreEight(Vector256<float> numbers, byte* to);
}

internal readonly unsafe struct Float32Numbers : IPixelNumbers
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Channels Load(byte* from) => Load((float*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Channels numbers, byte* to) => Store(numbers, (float*)to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Channels Load(float* from) =>
        new(Vector256.Load(from), Vector256.Load(from + 8), Vector256.Load(from + 16), Vector256.Load(from + 24));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Channels numbers, float* to)
    {
        numbers.A.Store(to);
        numbers.B.Store(to + 8);
        numbers.C.Store(to + 16);
        numbers.D.Store(to + 24);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadEight(byte* from) => Vector256.Load((float*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(Vector256<float> numbers, byte* to) => numbers.Store((float*)to);
}

/// <summary>The upper half of a float32.</summary>
internal readonly unsafe struct BFloat16Numbers : IPixelNumbers
{
    private const int Half = 16;

    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Channels Load(byte* from)
    {
        var (a, b) = Vector256.Widen(Vector256.Load((ushort*)from));
        var (c, d) = Vector256.Widen(Vector256.Load((ushort*)from + 16));
        return new((a << Half).AsSingle(), (b << Half).AsSingle(), (c << Half).AsSingle(), (d << Half).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Channels numbers, byte* to)
    {
        Vector256.Narrow(Round(numbers.A), Round(numbers.B)).Store((ushort*)to);
        Vector256.Narrow(Round(numbers.C), Round(numbers.D)).Store((ushort*)to + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadEight(byte* from) => (Avx2.ConvertToVector256Int32((ushort*)from) << Half).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(Vector256<float> numbers, byte* to)
    {
        var rounded = Round(numbers);
        Vector128.Narrow(rounded.GetLower(), rounded.GetUpper()).Store((ushort*)to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Round(Vector256<float> numbers)
    {
        var bits = numbers.AsUInt32();
        var even = (bits >>> Half) & Vector256<uint>.One;
        var rounded = (bits + Vector256.Create(0x7FFFu) + even) >>> Half;
        return Vector256.ConditionalSelect(Vector256.Equals(numbers, numbers).AsUInt32(), rounded, Vector256.Create(0x7FC0u));
    }
}
