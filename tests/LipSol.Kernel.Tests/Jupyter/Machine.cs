namespace LipSol.Kernel.Tests.Jupyter;

/// <summary>How busy the machine is: what tests measure there counts for less the busier it is.</summary>
internal static class Machine
{
    /// <summary>How many threads ran or waited to, on the average of the last minute; 0 where it isn't known.</summary>
    public static double Load => OperatingSystem.IsLinux() ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) : 0;

    public static bool IsBusy => Load > Environment.ProcessorCount;
}
