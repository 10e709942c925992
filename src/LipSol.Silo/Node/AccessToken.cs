using System.Security.Cryptography;
using System.Text;
using LipSol.Artifacts;

namespace LipSol.Silo.Node;

/// <summary>The secret that guards the HTTP API.</summary>
internal sealed class AccessToken
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly byte[] hash;

    public AccessToken(string value)
    {
        Value = value;
        hash = SHA256.HashData(Encoding.UTF8.GetBytes(value));
    }

    /// <summary>The token itself.</summary>
    public string Value { get; }

    /// <summary>Reads the token, or makes one that only the owner of the file can read.</summary>
    /// <exception cref="NodeStartException">The file can't be read or written, or holds no token.</exception>
    public static AccessToken ReadOrCreate(string path)
    {
        try
        {
            if (!File.Exists(path)) Make(path);
            var token = File.ReadAllText(path).Trim();
            return token.Length >= 16 && token.All(c => c is > ' ' and < '\x7f')
                ? new AccessToken(token)
                : throw new NodeStartException($"{path} holds no token (at least 16 letters and digits). Delete it, and the node makes a new one.");
        }
        catch (IOException e) when (DurableFile.IsDiskFull(e))
        {
            throw NodeStartException.DiskFull(Path.GetDirectoryName(path)!, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NodeStartException($"The token in {path} can't be read or made: {e.Message}", e);
        }
    }

    private static void Make(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            Write(path, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)) + "\n"));
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another node with the same shared folder made it a moment ago.
        }
    }

    // Whole or not at all: on a full disk an empty file would be left, and taken for the token at the next start.
    private static void Write(string path, byte[] content)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        try
        {
            using (var file = new FileStream(unfinished, options)) file.Write(content);
            File.Move(unfinished, path);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>Whether it's the token, in a time that tells nothing about how much of it is right.</summary>
    public bool Matches(string? offered) =>
        offered is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(offered)), hash);
}
