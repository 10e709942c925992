using System.Buffers;
using System.Security.Cryptography;

namespace LipSol.Artifacts.Files;

/// <summary>MD5 of files as DVC counts it: of all bytes; or, for objects of DVC 2, with CRLF as LF in what looks like text.</summary>
internal sealed class FileHasher : IDisposable
{
    /// <summary>DVC 2 decides about text, and joins CR and LF, block by block of this size: its hashes depend on it.</summary>
    public const int BlockSize = 1 << 20;
    private const int TextProbe = 512;
    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly bool _legacy;
    private readonly byte[] _block;
    private int _filled;

    /// <param name="legacy">As DVC 2.</param>
    public FileHasher(bool legacy)
    {
        _legacy = legacy;
        _block = legacy ? ArrayPool<byte>.Shared.Rent(BlockSize) : [];
    }

    /// <summary>The hash of a file.</summary>
    public static string Hash(string path, bool legacy, CancellationToken cancellationToken = default)
    {
        using var hasher = new FileHasher(legacy);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            long at = 0;
            for (int read; (read = RandomAccess.Read(file, buffer, at)) > 0; at += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hasher.Append(buffer.AsSpan(0, read));
            }
            return hasher.Finish();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Goes on with these bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (!_legacy)
        {
            _md5.AppendData(bytes);
            return;
        }
        while (bytes.Length > 0)
        {
            var part = Math.Min(bytes.Length, BlockSize - _filled);
            bytes[..part].CopyTo(_block.AsSpan(_filled));
            _filled += part;
            bytes = bytes[part..];
            if (_filled == BlockSize) AppendBlock();
        }
    }

    /// <summary>The hash of all that came.</summary>
    public string Finish()
    {
        if (_filled > 0) AppendBlock();
        return Convert.ToHexStringLower(_md5.GetHashAndReset());
    }

    public void Dispose()
    {
        _md5.Dispose();
        if (_legacy) ArrayPool<byte>.Shared.Return(_block);
    }

    private void AppendBlock()
    {
        var block = _block.AsSpan(0, _filled);
        _filled = 0;
        if (!IsText(block[..Math.Min(TextProbe, block.Length)]))
        {
            _md5.AppendData(block);
            return;
        }
        for (int at; (at = block.IndexOf("\r\n"u8)) >= 0; block = block[(at + 1)..]) _md5.AppendData(block[..at]);
        _md5.AppendData(block);
    }

    private static bool IsText(ReadOnlySpan<byte> probe)
    {
        var others = 0;
        foreach (var b in probe)
        {
            if (b == 0) return false;
            if (b is not (>= 32 and < 127 or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'\f' or (byte)'\b')) others++;
        }
        return others <= probe.Length * 0.30;
    }
}
