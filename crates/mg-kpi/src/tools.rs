//! The tools, one file each, and who may see them.

mod compare_territories;
mod detect_anomalies;
mod forecast_kpi;
mod get_indicator;
mod get_series;
mod list_indicators;
mod refresh_indicators;

use rmcp::handler::server::router::tool::ToolRouter;

use crate::KpiServer;

/// The tools of every role; a tool that is not here is neither listed nor callable.
pub(crate) fn for_viewers() -> ToolRouter<KpiServer> {
    KpiServer::list_indicators_tool()
        + KpiServer::get_indicator_tool()
        + KpiServer::get_series_tool()
        + KpiServer::compare_territories_tool()
        + KpiServer::forecast_kpi_tool()
        + KpiServer::detect_anomalies_tool()
}

/// The tools of editors: those of everybody, and the one that writes.
pub(crate) fn for_editors() -> ToolRouter<KpiServer> {
    for_viewers() + KpiServer::refresh_indicators_tool()
}
