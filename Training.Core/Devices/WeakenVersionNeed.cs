using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Writes a copy of a 64-bit little-endian ELF library whose need of GLIBCXX_3.4.32 is weak, if nothing refers to a symbol of that
/// version. Compiled and run by the build (LibTorchSharp.targets), not part of the program.</summary>
public class WeakenVersionNeed : Task
{
    private const string Version = "GLIBCXX_3.4.32";
    private const ushort Weak = 2;
    private const uint RelocationsWithAddends = 4, VersionNeeds = 0x6ffffffe, SymbolVersions = 0x6fffffff;

    public string Source { get; set; }
    public string Target { get; set; }

    public override bool Execute()
    {
        var file = File.ReadAllBytes(Source);
        if (!Weaken(file))
            Log.LogMessage(MessageImportance.High,
                "libLibTorchSharp.so is left as it is: it needs " + Version + " or was never built with it.");
        Directory.CreateDirectory(Path.GetDirectoryName(Target));
        File.WriteAllBytes(Target, file);
        return true;
    }

    private static bool Weaken(byte[] file)
    {
        if (file.Length < 64 || file[0] != 0x7f || file[1] != 'E' || file[4] != 2 || file[5] != 1) return false;
        var at = FindNeed(file, out var index);
        if (at < 0 || IsReferredTo(file, index)) return false;
        var flags = (ushort)(BitConverter.ToUInt16(file, at + 4) | Weak);
        BitConverter.GetBytes(flags).CopyTo(file, at + 4);
        return true;
    }

    // Elf64_Verneed: version, count, file, first auxiliary, next; Elf64_Vernaux: hash, flags, index, name, next.
    private static int FindNeed(byte[] file, out ushort index)
    {
        index = 0;
        var section = Section(file, VersionNeeds);
        if (section < 0) return -1;
        var names = Offset(file, SectionAt(file, (int)BitConverter.ToUInt32(file, section + 40)));
        for (var need = Offset(file, section); ;)
        {
            var entry = need + (int)BitConverter.ToUInt32(file, need + 8);
            for (var left = BitConverter.ToUInt16(file, need + 2); left > 0; left--)
            {
                if (Name(file, names + (int)BitConverter.ToUInt32(file, entry + 8)) == Version)
                {
                    index = BitConverter.ToUInt16(file, entry + 6);
                    return entry;
                }
                entry += (int)BitConverter.ToUInt32(file, entry + 12);
            }
            var next = (int)BitConverter.ToUInt32(file, need + 12);
            if (next == 0) return -1;
            need += next;
        }
    }

    private static bool IsReferredTo(byte[] file, ushort index)
    {
        var versions = Offset(file, Section(file, SymbolVersions));
        for (var section = 0; section < BitConverter.ToUInt16(file, 60); section++)
        {
            var header = SectionAt(file, section);
            if (BitConverter.ToUInt32(file, header + 4) != RelocationsWithAddends) continue;
            var end = Offset(file, header) + (int)BitConverter.ToUInt64(file, header + 32);
            for (var entry = Offset(file, header); entry < end; entry += 24)
            {
                var symbol = (int)BitConverter.ToUInt32(file, entry + 12);
                if (symbol != 0 && (BitConverter.ToUInt16(file, versions + 2 * symbol) & 0x7fff) == index) return true;
            }
        }
        return false;
    }

    private static int Section(byte[] file, uint type)
    {
        for (var index = 0; index < BitConverter.ToUInt16(file, 60); index++)
            if (BitConverter.ToUInt32(file, SectionAt(file, index) + 4) == type) return SectionAt(file, index);
        return -1;
    }

    private static int SectionAt(byte[] file, int index) =>
        (int)BitConverter.ToUInt64(file, 40) + index * BitConverter.ToUInt16(file, 58);

    private static int Offset(byte[] file, int header) => (int)BitConverter.ToUInt64(file, header + 24);

    private static string Name(byte[] file, int at)
    {
        var end = Array.IndexOf(file, (byte)0, at);
        return Encoding.ASCII.GetString(file, at, end - at);
    }
}
