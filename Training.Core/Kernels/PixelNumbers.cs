using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Training.Core.Kernels;

/// <summary>Thirty-two channels of a pixel, in float32.</summary>
internal readonly record struct Channels(Vector256<float> A, Vector256<float> B, Vector256<float> C, Vector256<float> D)
{
    public const int Count = 32;
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
    public static Channels Load(byte* from)
    {
        var numbers = (float*)from;
        return new(Vector256.Load(numbers), Vector256.Load(numbers + 8), Vector256.Load(numbers + 16), Vector256.Load(numbers + 24));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Channels numbers, byte* to)
    {
        var target = (float*)to;
        numbers.A.Store(target);
        numbers.B.Store(target + 8);
        numbers.C.Store(target + 16);
        numbers.D.Store(target + 24);
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
