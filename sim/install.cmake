# cmake --install: the program, libmantis, and what they read. An installed program looks for its configs in
# ../share/mantis.
include(GNUInstallDirs)
set(home ${CMAKE_INSTALL_DATADIR}/mantis)
set_source_files_properties(config_home.c PROPERTIES
                            COMPILE_DEFINITIONS MANTIS_INSTALL_DIR="${CMAKE_INSTALL_FULL_DATADIR}/mantis")

# The program prints its own manual page and completion.
add_custom_command(TARGET mantis POST_BUILD
  COMMAND mantis man >mantis.1
  COMMAND mantis completion bash >mantis.bash
  WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
configure_file(mantis.pc.in ${PROJECT_BINARY_DIR}/mantis.pc @ONLY)

install(TARGETS mantis libmantis)
install(FILES mantis.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_BINARY_DIR}/mantis.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_BINARY_DIR}/mantis.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PROJECT_BINARY_DIR}/mantis.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME mantis)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/configs DESTINATION ${home})
install(FILES ${PROJECT_SOURCE_DIR}/workloads/models/fashion-resnet.onnx DESTINATION ${home}/workloads/models)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/workloads/topologies ${PROJECT_SOURCE_DIR}/workloads/precisions
        DESTINATION ${home}/workloads)
