namespace LipSol.Artifacts.Dvc;

/// <summary>The objects that lie in a folder: a cache, or a remote that is one.</summary>
internal static class ObjectFolder
{
    public static IEnumerable<(DvcObject Content, long Size, DateTimeOffset At)> All(string root) =>
        Below(root, "").Concat(Below(Path.Combine(root, "files", "md5"), DvcObject.CurrentPrefix));

    private static IEnumerable<(DvcObject, long, DateTimeOffset)> Below(string folder, string prefix)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var first in new DirectoryInfo(folder).EnumerateDirectories("??"))
        {
            foreach (var file in first.EnumerateFiles())
                if (DvcObject.FromKey($"{prefix}{first.Name}/{file.Name}") is { } content) yield return (content, file.Length, file.LastWriteTimeUtc);
        }
    }
}
