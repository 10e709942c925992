namespace LipSol.Artifacts;

/// <summary>All files below a folder, links followed, hidden files included.</summary>
internal static class FolderWalk
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    public static IEnumerable<(string Path, string RelativePath)> Files(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder {folder}.");
        return Walk(folder, "", []);
    }

    private static IEnumerable<(string Path, string RelativePath)> Walk(string folder, string prefix, HashSet<string> ancestors)
    {
        var real = Path.GetFullPath(Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? folder);
        if (!ancestors.Add(real)) throw new IOException($"{folder} is a link to one of the folders it lies in.");
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything))
        {
            var relative = prefix + entry.Name;
            if (Directory.Exists(entry.FullName))
            {
                foreach (var file in Walk(entry.FullName, relative + "/", ancestors)) yield return file;
            }
            else
            {
                yield return (entry.FullName, relative);
            }
        }
        ancestors.Remove(real);
    }
}
