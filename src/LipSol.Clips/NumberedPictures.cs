using System.Globalization;
using System.Text.RegularExpressions;

namespace LipSol.Clips;

/// <summary>A recording as pictures: files of a folder (<c>7.png</c>, <c>frame_0007.jpg</c>, …) in the order of their last number.</summary>
public static partial class NumberedPictures
{
    /// <summary>The pictures' paths, in order; none where the folder holds none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="extensions">Kinds of pictures, such as <c>.png</c>; in any case.</param>
    public static IReadOnlyList<string> In(string folder, IReadOnlyList<string> extensions) =>
        [.. Directory.EnumerateFiles(folder)
            .Where(f => extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase) && LastNumber().IsMatch(Path.GetFileNameWithoutExtension(f)))
            .OrderBy(f => decimal.Parse(LastNumber().Match(Path.GetFileNameWithoutExtension(f)).Value, CultureInfo.InvariantCulture))
            .ThenBy(f => f, StringComparer.Ordinal)];

    [GeneratedRegex(@"\d{1,18}(?=\D*$)", RegexOptions.CultureInvariant)]
    private static partial Regex LastNumber();
}
