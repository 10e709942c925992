namespace LipSol.Kernel.Notebooks;

/// <summary>Files that are there whole or not at all.</summary>
internal static class WholeFile
{
    /// <summary>Writes one, with the folders above it; what is there before is replaced.</summary>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellation)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        await File.WriteAllTextAsync(full + ".part", text, cancellation);
        File.Move(full + ".part", full, overwrite: true);
    }
}
