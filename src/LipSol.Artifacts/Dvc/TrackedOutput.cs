namespace LipSol.Artifacts.Dvc;

/// <summary>A file or folder of the workspace that a <c>.dvc</c> file versions.</summary>
/// <param name="DvcFilePath">The <c>.dvc</c> file.</param>
/// <param name="File">Its content.</param>
/// <param name="Output">What it says.</param>
/// <param name="Path">Where the file or folder lies.</param>
internal sealed record TrackedOutput(string DvcFilePath, DvcFile File, DvcOutput Output, string Path)
{
    public static IEnumerable<TrackedOutput> Of(string path, DvcFile file)
    {
        var folder = System.IO.Path.GetFullPath(file.WorkingFolder, System.IO.Path.GetDirectoryName(path)!);
        return file.Outputs.Where(o => !o.Path.Contains("://", StringComparison.Ordinal)).Select(o => new TrackedOutput(path, file, o, System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(o.Path, folder))));
    }
}
