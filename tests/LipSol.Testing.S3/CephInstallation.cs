namespace LipSol.Testing.S3;

/// <summary>Whether this machine has Ceph's programs.</summary>
public static class CephInstallation
{
    private static readonly string[] Programs = ["/usr/bin/ceph-mon", "/usr/bin/ceph-osd", "/usr/bin/radosgw", "/usr/bin/ceph", "/usr/bin/monmaptool"];

    /// <summary>Whether they are there.</summary>
    public static bool IsThere { get; } = OperatingSystem.IsLinux() && Programs.All(File.Exists);

    /// <summary>What a test that is skipped says.</summary>
    public static string HowToInstall => "Ceph, a real S3 store, isn't installed. Install it (apt-get install --no-install-recommends ceph-mon ceph-osd radosgw), or use ./lipsol test, which does.";
}
