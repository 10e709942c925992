using System.IO.Enumeration;
using LipSol.Artifacts.Files;

namespace LipSol.Artifacts.Dvc;

/// <summary>Which files a versioned file or folder consists of, as DVC takes it.</summary>
/// <remarks>
/// Links to files are followed: their content counts. Links to folders aren't, they are left out, as are <c>.git</c>, <c>.hg</c> and <c>.dvc</c>, folders that are repositories of DVC themselves,
/// and what <c>.dvcignore</c> files above exclude. A <c>.dvcignore</c> inside is an error, as it is for DVC.
/// </remarks>
internal static class WorkspaceScan
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false };

    /// <summary>The files below a folder, in no order.</summary>
    /// <exception cref="DvcException">Something in it can't be versioned.</exception>
    public static IReadOnlyList<ScannedFile> Folder(string folder, IReadOnlySet<string> excluded, CancellationToken cancellationToken)
    {
        var found = new List<(string Path, string Relative)>();
        var pending = new Stack<(string Path, string Prefix)>([(folder, "")]);
        while (pending.TryPop(out var next))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (name, isFolder) in Entries(next.Path))
            {
                var path = $"{next.Path}{Path.DirectorySeparatorChar}{name}";
                if (isFolder)
                {
                    if (!IsSkipped(path, name)) pending.Push((path, next.Prefix + name + "/"));
                    continue;
                }
                if (name == ".git" || excluded.Contains(path)) continue;
                if (name == ".dvcignore") throw new DvcException($"{path} lies inside a folder that is versioned as a whole. Move it above {folder}, as DVC asks too.");
                found.Add((path, next.Prefix + name));
            }
        }
        var files = new ScannedFile[found.Count];
        InParallel.For(files.Length, i => files[i] = File(found[i].Path, found[i].Relative), cancellationToken);
        return files;
    }

    /// <summary>A single file.</summary>
    /// <exception cref="DvcException">It can't be versioned.</exception>
    public static ScannedFile File(string path, string relative)
    {
        var own = FileState.Of(path, follow: false);
        var isLink = own is { Kind: FileKind.Link };
        if ((isLink ? FileState.Of(path) : own) is not { } state) throw new DvcException(isLink ? $"{path} is a link that leads nowhere. Remove it, or restore what it leads to." : $"{path} can't be read: its name isn't UTF-8, or it was removed meanwhile.");
        return state.Kind == FileKind.Regular ? new ScannedFile(path, relative, state, isLink) : throw new DvcException($"{path} is neither a file nor a folder (a socket, pipe or device?). Remove it from what is versioned.");
    }

    // No attributes: each would cost a look at the file, and that is taken once, below.
    private static FileSystemEnumerable<(string Name, bool IsFolder)> Entries(string folder) => new(folder, (ref FileSystemEntry e) => (e.FileName.ToString(), e.IsDirectory), Everything);

    private static bool IsSkipped(string path, string name) => name is ".git" or ".hg" or ".dvc" || FileState.Of(path, follow: false) is { Kind: FileKind.Link } || Directory.Exists(Path.Combine(path, ".dvc"));
}
