using System.Globalization;
using System.Runtime.InteropServices;

namespace Training.Core.Devices;

/// <summary>How this process gets memory for tensors.</summary>
public static partial class TensorAllocation
{
    // Parameters of glibc's mallopt(3).
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MapAbove = -3;
    private const int MostMappings = -4;
    private const int MostArenas = -8;

    /// <summary>MADV_POPULATE_WRITE of madvise(2): makes pages present without changing what is in them.</summary>
    private const int PopulateWrite = 23;

    private const int Chunk = 64 << 20;

    /// <summary>glibc's own default.</summary>
    private const int ManyMappings = 65536;

    /// <summary>
    /// The same settings for a process that is to be started; nothing but glibc reads them, and <see cref="Jemalloc"/> goes before it.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["MALLOC_ARENA_MAX"] = "1",
        ["MALLOC_MMAP_MAX_"] = "0",
        ["MALLOC_TRIM_THRESHOLD_"] = int.MaxValue.ToString(CultureInfo.InvariantCulture),
        ["MALLOC_TOP_PAD_"] = Chunk.ToString(CultureInfo.InvariantCulture),
        // Pages of 2 MB where the system allows it: the first touch of the activations' gigabytes takes a third less time.
        ["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1",
    };

    private static int _touched;
    private static int _mappings;

    private static readonly Lazy<bool> Kept = new(Keep);

    /// <summary>
    /// Keeps freed memory in the process instead of giving it back to the system after every layer. glibc maps a block above 32 MB anew for
    /// each tensor, and the kernel then fills it page by page: in a virtual machine the activations of a first convolution cost ten times
    /// their arithmetic that way (64 x 112 x 112, batch 32: 245 ms, with kept memory 22 ms). The process ends with its run, so nothing is
    /// held for long.
    /// </summary>
    /// <remarks>
    /// A thread may still get one of the arenas that the process has by now, whose heaps end at 64 MB: then larger blocks are mapped all
    /// the same. Only <see cref="Environment"/> at the process's start rules that out.
    /// </remarks>
    /// <returns>Whether the C library takes the settings; false where it isn't glibc.</returns>
    public static bool KeepFreed() => Kept.Value;

    /// <summary>
    /// Has blocks from this size on mapped on their own again, which are gone when they are freed: kept memory breaks up into holes, and
    /// the largest blocks make the largest ones. A trade of speed for memory: the fewer of the activations it concerns, the cheaper.
    /// </summary>
    /// <param name="bytes">glibc takes at most 32 MB.</param>
    public static void MapFrom(int bytes)
    {
        if (!Jemalloc.IsLoaded && KeepFreed() && Set(MapAbove, bytes) != 0 && Set(MostMappings, ManyMappings) != 0)
            _mappings = ManyMappings;
    }

    /// <summary>
    /// Has the system hand out memory that will be needed in a moment, on a thread of its own, while the caller still reads files: the
    /// first step would otherwise wait for it (in a virtual machine a second for each gigabyte). Only a hint: nothing is allocated, and
    /// nothing happens where the system can't do it (Linux before 5.14, or another C library than glibc).
    /// </summary>
    /// <param name="bytes">Taken up to a quarter of what the process may have; once in a process, which keeps its memory.</param>
    public static unsafe void TouchAhead(long bytes)
    {
        bytes = Math.Min(bytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        if (bytes < Chunk || bytes > int.MaxValue || !KeepFreed() || Interlocked.Exchange(ref _touched, 1) != 0) return;
        var (begin, end) = Jemalloc.IsLoaded ? FreeBlock(bytes) : FreeHeap(bytes);
        if (begin < end) new Thread(() => Populate((byte*)begin, (byte*)end)) { IsBackground = true, Name = "touch memory" }.Start();
    }

    /// <summary>What was free a moment ago is what the next blocks are cut from.</summary>
    private static unsafe (nuint Begin, nuint End) FreeBlock(long bytes)
    {
        var block = Allocate((nuint)bytes);
        if (block is null) return default;
        Free(block);
        return (PageOf(block), (nuint)block + (nuint)bytes);
    }

    /// <summary>
    /// glibc's heap grows by more than what is asked for; what it grew by is free and in one piece, in the order in which it will be used.
    /// </summary>
    private static unsafe (nuint Begin, nuint End) FreeHeap(long bytes)
    {
        if (Set(TopPad, (int)bytes) == 0 || Set(MostMappings, 0) == 0) return default;
        var block = Allocate(Chunk);
        if (Set(TopPad, Chunk) == 0 || Set(MostMappings, _mappings) == 0 || block is null) return default;
        var (begin, end) = (PageOf(block), (nuint)HeapEnd(0));
        Free(block);
        var isHeap = end > begin + Chunk && end - begin <= (nuint)(bytes + 2L * Chunk); // otherwise the block came from elsewhere
        return isHeap ? (begin, end) : default;
    }

    private static unsafe nuint PageOf(void* block) => (nuint)block & ~(nuint)(System.Environment.SystemPageSize - 1);

    private static unsafe void Populate(byte* begin, byte* end)
    {
        // In pieces: while one is under way nobody else in the process can map memory.
        const int piece = 8 << 20;
        for (; begin < end; begin += piece)
            if (Advise(begin, (nuint)Math.Min(piece, end - begin), PopulateWrite) != 0) return;
    }

    private static bool Keep()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            // One arena: the heaps of the others end at 64 MB and would fall back to mappings.
            return Set(MostArenas, 1) != 0 & Set(MostMappings, 0) != 0 & Set(TrimThreshold, int.MaxValue) != 0 & Set(TopPad, Chunk) != 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // musl
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Set(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static unsafe partial int Advise(void* start, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "sbrk")]
    private static unsafe partial void* HeapEnd(nint growth);

    [LibraryImport("libc", EntryPoint = "malloc")]
    private static unsafe partial void* Allocate(nuint bytes);

    [LibraryImport("libc", EntryPoint = "free")]
    private static unsafe partial void Free(void* block);
}
