using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace LipSol.Artifacts.Files;

/// <summary>What files hashed to when they were last read, so that those which haven't changed since (size, time, inode) aren't read again.</summary>
/// <remarks>
/// One file, replaced whole; where it's damaged or of another version it counts as empty. A file that changed so shortly before it was hashed that a further change could have got the same time
/// isn't kept: the next check reads it again. Several threads may use it; of several processes the last one's is kept, which costs time and never truth.
/// </remarks>
internal sealed class HashIndex
{
    private const long CoarseClock = 2_000_000_000, FineClock = 20_000_000; // FAT's two seconds; twice the kernel's slowest tick
    private static readonly byte[] Magic = "LipSol hash index 1\n"u8.ToArray();
    private readonly string _file;
    private readonly string _root;
    private readonly Dictionary<string, Entry> _entries;
    private readonly Lock _gate = new();
    private bool _changed;

    private HashIndex(string file, string root, Dictionary<string, Entry> entries) => (_file, _root, _entries) = (file, root + Path.DirectorySeparatorChar, entries);

    private readonly record struct Entry(long Size, long Modified, ulong Inode, UInt128 Md5, bool Legacy);

    /// <summary>Opens an index.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="root">Paths below it are kept relative to it, so that it can be moved.</param>
    public static HashIndex Open(string file, string root) => new(file, root, Read(file));

    /// <summary>The hash of a file in this state; null where it isn't known.</summary>
    public string? Find(string path, FileState state, bool legacy)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(Key(path), out var entry) && entry.Size == state.Size && entry.Modified == state.ModifiedNanoseconds && entry.Inode == state.Inode && entry.Legacy == legacy
                ? Text(entry.Md5) : null;
        }
    }

    /// <summary>Keeps a file's hash.</summary>
    /// <param name="path">The file.</param>
    /// <param name="state">Its state, the same before it was read and after.</param>
    /// <param name="legacy">Hashed as DVC 2 does.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="readAt">When its reading began.</param>
    public void Set(string path, FileState state, bool legacy, string hash, DateTimeOffset readAt)
    {
        var age = (readAt - DateTimeOffset.UnixEpoch).Ticks * 100 - state.ModifiedNanoseconds;
        if (age >= (state.ModifiedNanoseconds % 1_000_000_000 == 0 ? CoarseClock : FineClock)) SetOwn(path, state, legacy, hash);
    }

    /// <summary>Keeps the hash of a file that nobody else writes to, however new it is.</summary>
    public void SetOwn(string path, FileState state, bool legacy, string hash)
    {
        var entry = new Entry(state.Size, state.ModifiedNanoseconds, state.Inode, BinaryPrimitives.ReadUInt128BigEndian(Convert.FromHexString(hash)), legacy);
        lock (_gate)
        {
            _entries[Key(path)] = entry;
            _changed = true;
        }
    }

    /// <summary>Forgets files of a folder that aren't among these.</summary>
    public void Prune(string folder, IReadOnlySet<string> present)
    {
        var prefix = Key(folder + Path.DirectorySeparatorChar);
        lock (_gate)
        {
            foreach (var key in _entries.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal) && !present.Contains(k[prefix.Length..])).ToList()) _changed |= _entries.Remove(key);
        }
    }

    /// <summary>Writes the index where it has changed. That it can't be written (a read-only folder) costs time the next time and nothing else.</summary>
    public void Save()
    {
        byte[] bytes;
        lock (_gate)
        {
            if (!_changed) return;
            bytes = ToBytes();
            _changed = false;
        }
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
            DurableFile.Replace(_file, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // See above.
        }
    }

    private string Key(string path) => path.StartsWith(_root, StringComparison.Ordinal) ? path[_root.Length..] : path;

    private static string Text(UInt128 md5)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, md5);
        return Convert.ToHexStringLower(bytes);
    }

    private byte[] ToBytes()
    {
        using var stream = new MemoryStream(_entries.Count * 112 + 64);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(_entries.Count);
        foreach (var (path, entry) in _entries)
        {
            writer.Write(path);
            writer.Write(entry.Size);
            writer.Write(entry.Modified);
            writer.Write(entry.Inode);
            writer.Write((ulong)(entry.Md5 >> 64));
            writer.Write((ulong)entry.Md5);
            writer.Write(entry.Legacy);
        }
        writer.Flush();
        writer.Write(MD5.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        writer.Flush();
        return stream.ToArray();
    }

    private static Dictionary<string, Entry> Read(string file)
    {
        try
        {
            if (!File.Exists(file)) return [];
            var bytes = File.ReadAllBytes(file);
            if (bytes.Length < Magic.Length + 20 || !bytes.AsSpan().StartsWith(Magic) || !MD5.HashData(bytes.AsSpan(..^16)).AsSpan().SequenceEqual(bytes.AsSpan(^16..))) return [];
            using var reader = new BinaryReader(new MemoryStream(bytes, Magic.Length, bytes.Length - Magic.Length - 16), Encoding.UTF8);
            var count = reader.ReadInt32();
            var entries = new Dictionary<string, Entry>(count);
            for (var i = 0; i < count; i++)
            {
                var path = reader.ReadString();
                entries[path] = new Entry(reader.ReadInt64(), reader.ReadInt64(), reader.ReadUInt64(), new UInt128(reader.ReadUInt64(), reader.ReadUInt64()), reader.ReadBoolean());
            }
            return entries;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
