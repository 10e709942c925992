using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Runs.Exports;

/// <summary>A file that is there whole or not at all: written beside its place, and renamed once it's done. One that stood there before stays until then.</summary>
internal static class WholeFile
{
    /// <returns>Its length.</returns>
    public static async Task<long> WriteAsync(string path, Func<Stream, Task> write)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path))) throw new BadInputException($"There is no folder {Path.GetDirectoryName(path)}.");
        if (Directory.Exists(path)) throw new BadInputException($"{path} is a folder. Name a file.");
        var temporary = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            long bytes;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, 1 << 16))
            {
                await write(file);
                await file.FlushAsync();
                bytes = file.Length;
            }
            File.Move(temporary, path, overwrite: true);
            return bytes;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
