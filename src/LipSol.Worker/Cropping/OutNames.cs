namespace LipSol.Worker.Cropping;

/// <summary>Names of the files that clips become: the clip's own name, with a number behind it where two clips have the same.</summary>
internal static class OutNames
{
    public static IReadOnlyList<string> Of(IReadOnlyList<string> clips)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. clips.Select(clip =>
        {
            var name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(clip));
            if (name.Length == 0) name = "clip";
            var unique = name;
            for (var n = 2; !taken.Add(unique); n++) unique = $"{name}-{n}";
            return unique;
        })];
    }
}
