using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace LipSol.Models.Native;

/// <summary>Lets TorchSharp load where the system's libstdc++ is older than GCC 13's (Debian 12, Ubuntu 22.04, RHEL 9).</summary>
/// <remarks>
/// libLibTorchSharp.so requires the symbol version GLIBCXX_3.4.32 only because of <c>_ZSt21ios_base_library_initv</c>, to which no
/// relocation points. Here a copy of the library is made in which that one requirement is weak (flag VER_FLG_WEAK of the ELF's
/// <c>.gnu.version_r</c>, see https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html), and loaded
/// before TorchSharp asks for the library: the loader then finds it by its SONAME. Nothing happens where the system is new enough.
/// </remarks>
internal static class TorchOnOlderLinux
{
    private const string Library = "libLibTorchSharp.so";
    private const string Version = "GLIBCXX_3.4.32";
    private const string SymbolOfThatVersion = "_ZSt21ios_base_library_initv";

    /// <summary>What happened, for messages: <c>not needed</c>, or the path of the copy.</summary>
    public static string Outcome { get; private set; } = "not needed";

    /// <summary>Loads the copy where one is needed.</summary>
    internal static void Load()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return;
        if (NativeLibrary.TryLoad("libstdc++.so.6", out var standardLibrary) && NativeLibrary.TryGetExport(standardLibrary, SymbolOfThatVersion, out _)) return;
        if (NativeFolder() is not { } folder) return;
        var original = File.ReadAllBytes(Path.Combine(folder, Library));
        if (!TryWeaken(original, Version)) return;

        // The copy can't find its neighbours by $ORIGIN: they are loaded first, in the order of their dependencies.
        foreach (var neighbour in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
            NativeLibrary.Load(Path.Combine(folder, neighbour));
        Outcome = Store(original);
        NativeLibrary.Load(Outcome);
    }

    /// <summary>Marks the requirement of <paramref name="version"/> weak in the bytes of an ELF64 library; false where there is none that is strong.</summary>
    internal static bool TryWeaken(byte[] elf, string version)
    {
        const int verneed = 0x6ffffffe;
        const ushort weak = 2;
        if (elf.Length < 64 || !elf.AsSpan(0, 4).SequenceEqual("\u007fELF"u8) || elf[4] != 2) return false;
        try
        {
            var sections = (int)U64(elf, 0x28);
            var (entrySize, count) = (U16(elf, 0x3a), U16(elf, 0x3c));
            for (var s = 0; s < count; s++)
            {
                var section = sections + s * entrySize;
                if (U32(elf, section + 4) != verneed) continue;
                var strings = (int)U64(elf, sections + (int)U32(elf, section + 40) * entrySize + 24);
                for (var need = (int)U64(elf, section + 24); ;)
                {
                    var entry = need + (int)U32(elf, need + 8);
                    for (int i = 0, entries = U16(elf, need + 2); i < entries; i++, entry += (int)U32(elf, entry + 12))
                    {
                        if (Text(elf, strings + (int)U32(elf, entry + 8)) != version) continue;
                        var flags = U16(elf, entry + 4);
                        if ((flags & weak) != 0) return false;
                        BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(entry + 4), (ushort)(flags | weak));
                        return true;
                    }
                    var next = (int)U32(elf, need + 12);
                    if (next == 0) break;
                    need += next;
                }
            }
            return false;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false; // offsets that point outside: not a library we understand
        }
    }

    // The host lists the folders of native libraries (beside the program, or in the NuGet cache) in NATIVE_DLL_SEARCH_DIRECTORIES.
    private static string? NativeFolder() =>
        ((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string) ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Append(AppContext.BaseDirectory).Append(Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"))
        .FirstOrDefault(f => File.Exists(Path.Combine(f, Library)) && File.Exists(Path.Combine(f, "libtorch_cpu.so")));

    // Code is loaded from here, so it's the user's own folder, and what lies there is compared with what should.
    [SupportedOSPlatform("linux")]
    private static string Store(byte[] content)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        var path = Path.Combine(home.Length > 0 ? home : AppContext.BaseDirectory, "lipsol", "native", Library);
        try
        {
            if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content)) return path;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Write(path, content);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No writable home (a container's user): a folder that only this process knows.
            path = Path.Combine(Directory.CreateTempSubdirectory("lipsol-native-").FullName, Library);
            Write(path, content);
            return path;
        }
    }

    private static void Write(string path, byte[] content)
    {
        var fresh = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllBytes(fresh, content);
        File.Move(fresh, path, overwrite: true); // atomic: two processes may start at the same time
    }

    private static ushort U16(byte[] elf, int at) => BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan(at));
    private static uint U32(byte[] elf, int at) => BinaryPrimitives.ReadUInt32LittleEndian(elf.AsSpan(at));
    private static ulong U64(byte[] elf, int at) => BinaryPrimitives.ReadUInt64LittleEndian(elf.AsSpan(at));

    private static string Text(byte[] elf, int at)
    {
        var rest = elf.AsSpan(at);
        return Encoding.ASCII.GetString(rest[..Math.Max(0, rest.IndexOf((byte)0))]);
    }
}
